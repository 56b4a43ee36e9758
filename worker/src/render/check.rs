//! What a template may say: known variables, known filters, and no statement but `if`, `for` and `set`.

use minijinja::machinery::ast::{CallArg, Expr, Stmt};
use minijinja::machinery::parse;
use minijinja::syntax::SyntaxConfig;

use super::engine::{FILTERS, TESTS};
use super::error::{TemplateError, TemplateField};
use super::protect::syntax_error;
use super::source::short_lines;
use super::variables::{Names, is_group};

const STATEMENTS: &str = " Statements are if, for and set.";

/// Where a template puts what else the footer has, as byte offsets of its source, and whether it is the same for all.
#[derive(Default, Debug, Clone, Copy)]
pub(crate) struct Uses {
    pub(crate) unsubscribe_url: Option<usize>,
    pub(crate) preferences_url: Option<usize>,
    pub(crate) data_url: Option<usize>,
    pub(crate) postal_address: Option<usize>,
    /// Whether values decide which parts are shown, or are rewritten.
    pub(crate) varies: bool,
}

/// Reads a template and refuses what it must not say.
pub(crate) fn check(field: TemplateField, source: &str, names: Names<'_>) -> Result<Uses, TemplateError> {
    let readable = short_lines(field, source)?;
    let root = parse(&readable, field.as_str(), SyntaxConfig::default()).map_err(|error| {
        let is_statement = error
            .detail()
            .is_some_and(|detail| detail.contains("unknown statement"));
        syntax_error(field, source, &error, if is_statement { STATEMENTS } else { "" })
    })?;
    let mut checker = Checker {
        field,
        source,
        names,
        locals: Vec::new(),
        uses: Uses::default(),
    };
    checker.statement(&root)?;
    Ok(checker.uses)
}

struct Checker<'s> {
    field: TemplateField,
    source: &'s str,
    names: Names<'s>,
    locals: Vec<String>,
    uses: Uses,
}

type Checked = Result<(), TemplateError>;

impl Checker<'_> {
    fn refuse(&self, offset: u32, message: impl Into<String>) -> Checked {
        Err(TemplateError::at(
            self.field,
            self.source,
            offset as usize,
            message,
        ))
    }

    fn statement(&mut self, statement: &Stmt<'_>) -> Checked {
        match statement {
            Stmt::Template(template) => self.block(&template.children),
            Stmt::EmitRaw(_) => Ok(()),
            Stmt::EmitExpr(emit) => {
                self.note_use(&emit.expr, emit.span().start_offset);
                self.expression(&emit.expr)
            }
            Stmt::ForLoop(each) => {
                self.uses.varies = true;
                self.expression(&each.iter)?;
                let outer = self.locals.len();
                self.locals.push("loop".to_owned());
                self.assign(&each.target)?;
                each.filter_expr
                    .as_ref()
                    .map_or(Ok(()), |filter| self.expression(filter))?;
                self.block(&each.body)?;
                self.locals.truncate(outer);
                self.block(&each.else_body)
            }
            Stmt::IfCond(condition) => {
                self.uses.varies = true;
                self.expression(&condition.expr)?;
                self.block(&condition.true_body)?;
                self.block(&condition.false_body)
            }
            Stmt::Set(set) => {
                self.uses.varies = true;
                self.expression(&set.expr)?;
                self.assign(&set.target)
            }
            Stmt::WithBlock(with) => self.unavailable(with.span().start_offset),
            Stmt::SetBlock(set) => self.unavailable(set.span().start_offset),
            Stmt::AutoEscape(escape) => self.unavailable(escape.span().start_offset),
            Stmt::FilterBlock(filter) => self.unavailable(filter.span().start_offset),
            Stmt::Do(call) => self.unavailable(call.span().start_offset),
        }
    }

    fn unavailable(&self, offset: u32) -> Checked {
        self.refuse(
            offset,
            format!("This statement is not available here.{STATEMENTS}"),
        )
    }

    /// Names set in a block end with it.
    fn block(&mut self, statements: &[Stmt<'_>]) -> Checked {
        let outer = self.locals.len();
        for statement in statements {
            self.statement(statement)?;
        }
        self.locals.truncate(outer);
        Ok(())
    }

    fn assign(&mut self, target: &Expr<'_>) -> Checked {
        match target {
            Expr::Var(name) if self.names.contains(name.id) || is_group(name.id) => self.refuse(
                name.span().start_offset,
                format!("`{}` cannot be set: choose another name.", name.id),
            ),
            Expr::Var(name) => {
                self.locals.push(name.id.to_owned());
                Ok(())
            }
            Expr::List(list) => list.items.iter().try_for_each(|item| self.assign(item)),
            Expr::Tuple(tuple) => tuple.items.iter().try_for_each(|item| self.assign(item)),
            other => self.refuse(other.span().start_offset, "Only a name can be set."),
        }
    }

    /// Notes a part of the way out that is written out as it is; in a condition it shows nothing.
    fn note_use(&mut self, expression: &Expr<'_>, offset: u32) {
        let mut inner = expression;
        while let Expr::Filter(filter) = inner {
            match (&filter.expr, filter.name) {
                (Some(filtered), "escape" | "e" | "trim" | "default") => inner = filtered,
                _ => return,
            }
        }
        let used = match path(inner).as_deref() {
            Some("unsubscribe_url") => &mut self.uses.unsubscribe_url,
            Some("preferences_url") => &mut self.uses.preferences_url,
            Some("data_url") => &mut self.uses.data_url,
            Some("tenant.postal_address") => &mut self.uses.postal_address,
            _ => return,
        };
        used.get_or_insert(offset as usize);
    }

    fn expression(&mut self, expression: &Expr<'_>) -> Checked {
        match expression {
            Expr::Const(_) => Ok(()),
            Expr::Var(_) | Expr::GetAttr(_) => self.variable(expression),
            Expr::UnaryOp(operation) => self.expression(&operation.expr),
            Expr::BinOp(operation) => {
                self.expression(&operation.left)?;
                self.expression(&operation.right)
            }
            Expr::Compare(compare) => {
                self.expression(&compare.expr)?;
                compare
                    .ops
                    .iter()
                    .try_for_each(|operand| self.expression(&operand.expr))
            }
            Expr::IfExpr(choice) => {
                self.expression(&choice.test_expr)?;
                self.expression(&choice.true_expr)?;
                choice
                    .false_expr
                    .as_ref()
                    .map_or(Ok(()), |other| self.expression(other))
            }
            Expr::Filter(filter) => {
                self.uses.varies |= filter.name == "replace";
                filter
                    .expr
                    .as_ref()
                    .map_or(Ok(()), |filtered| self.expression(filtered))?;
                self.known("filter", filter.name, &FILTERS, filter.span().start_offset)?;
                self.arguments(&filter.args)
            }
            Expr::Test(test) => {
                self.expression(&test.expr)?;
                self.known("test", test.name, &TESTS, test.span().start_offset)?;
                self.arguments(&test.args)
            }
            Expr::List(list) => list.items.iter().try_for_each(|item| self.expression(item)),
            Expr::Tuple(tuple) => tuple.items.iter().try_for_each(|item| self.expression(item)),
            Expr::Call(call) => {
                let filters = FILTERS.join(", ");
                self.refuse(
                    call.span().start_offset,
                    format!("There are no functions. Filters are: {filters}."),
                )
            }
            Expr::GetItem(_) | Expr::Slice(_) | Expr::Map(_) => self.refuse(
                expression.span().start_offset,
                format!(
                    "[…] and {{…}} are not available here. Variables are: {}.",
                    self.names.listed()
                ),
            ),
        }
    }

    fn arguments(&mut self, arguments: &[CallArg<'_>]) -> Checked {
        arguments.iter().try_for_each(|argument| match argument {
            CallArg::Pos(value)
            | CallArg::Kwarg(_, value)
            | CallArg::PosSplat(value)
            | CallArg::KwargSplat(value) => self.expression(value),
        })
    }

    fn known(&self, kind: &str, name: &str, known: &[&str], offset: u32) -> Checked {
        if known.contains(&name) {
            return Ok(());
        }
        self.refuse(
            offset,
            format!("Unknown {kind} `{name}`. There are: {}.", known.join(", ")),
        )
    }

    fn variable(&mut self, expression: &Expr<'_>) -> Checked {
        let offset = expression.span().start_offset;
        let Some(path) = path(expression) else {
            let Expr::GetAttr(attribute) = expression else {
                return Ok(());
            };
            return self.expression(&attribute.expr);
        };
        let root = path.split('.').next().unwrap_or_default();
        if self.locals.iter().any(|local| local == root) || self.names.contains(&path) {
            return Ok(());
        }
        let listed = self.names.listed();
        let message = if is_group(&path) {
            format!("`{path}` stands for several variables: name one of them. Variables are: {listed}.")
        } else {
            format!("Unknown variable `{path}`. Variables are: {listed}.")
        };
        self.refuse(offset, message)
    }
}

/// The dotted name an expression spells, if it is nothing more.
fn path(expression: &Expr<'_>) -> Option<String> {
    match expression {
        Expr::Var(name) => Some(name.id.to_owned()),
        Expr::GetAttr(attribute) => Some(format!("{}.{}", path(&attribute.expr)?, attribute.name)),
        _ => None,
    }
}
