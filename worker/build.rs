//! Makes functions of the English texts in `../locales/en`: one a message, one argument a variable. So a text that does
//! not exist, or that is given too few values, does not compile. The texts of every folder of `../locales` are built in,
//! so a further language is a further folder.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use fluent_syntax::ast::{
    Entry, Expression, InlineExpression, Message, Pattern, PatternElement, Resource, Variant,
};
use fluent_syntax::parser::parse;

/// A text names points in time so. They come as an element of their own, so such a text is HTML.
const MOMENTS: [&str; 3] = ["day", "minute", "second"];

fn main() -> Result<(), Box<dyn Error>> {
    // From the package's folder, where cargo runs this: what is built may be shared by several checkouts, so neither this
    // program nor what it writes knows where one lies.
    let locales = Path::new("../locales");
    println!("cargo::rerun-if-changed={}", locales.display());
    let mut catalogues = "const CATALOGUES: &[(&str, &[&str])] = &[\n".to_owned();
    let mut functions = String::new();
    for folder in sorted(locales)?.into_iter().filter(|folder| folder.is_dir()) {
        let tag = folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        writeln!(catalogues, "    ({tag:?}, &[")?;
        for file in sorted(&folder)?.into_iter().filter(|file| is_catalogue(file)) {
            let text = fs::read_to_string(&file)?;
            let resource = parse(text.as_str()).map_err(|(_, wrong)| {
                let wrong: Vec<_> = wrong.iter().map(ToString::to_string).collect();
                format!("{} is not Fluent: {}", file.display(), wrong.join("; "))
            })?;
            writeln!(catalogues, "        {text:?},")?;
            if tag == "en" {
                write_functions(&mut functions, &resource)?;
            }
        }
        catalogues.push_str("    ]),\n");
    }
    let code = format!("{catalogues}];\n\nimpl Words {{\n{functions}}}\n");
    #[expect(
        clippy::disallowed_methods,
        reason = "it is no setting: cargo says where a build script writes, and only so"
    )]
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("words.rs"), code)?;
    Ok(())
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    Ok(paths)
}

fn is_catalogue(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "ftl")
}

/// What a message asks for, in the order in which its English text does.
#[derive(Default)]
struct Uses {
    variables: Vec<String>,
    /// Those that a text counts by.
    counted: Vec<String>,
    has_elements: bool,
}

fn write_functions(code: &mut String, resource: &Resource<&str>) -> Result<(), Box<dyn Error>> {
    let mut messages = BTreeMap::new();
    for entry in &resource.body {
        if let Entry::Message(Message {
            id,
            value: Some(value),
            ..
        }) = entry
        {
            messages.insert(id.name, value);
        }
    }
    for (id, value) in messages {
        let mut uses = Uses::default();
        uses.read(value);
        write_function(code, id, &uses)?;
    }
    Ok(())
}

fn write_function(code: &mut String, id: &str, uses: &Uses) -> Result<(), Box<dyn Error>> {
    let is_html = uses.has_elements || uses.variables.iter().any(|name| is_moment(name));
    let (mut parameters, mut values) = (String::new(), String::new());
    for variable in &uses.variables {
        let name = variable.replace('-', "_");
        let (bound, value) = match (uses.counted.contains(variable), is_html) {
            (true, _) => ("Count", "counted"),
            (false, true) => ("Shown", "shown"),
            (false, false) => ("std::fmt::Display", "said"),
        };
        write!(parameters, ", {name}: impl {bound}")?;
        write!(values, "({variable:?}, {value}(&{name})), ")?;
    }
    let formatted = format!("self.format({id:?}, [{values}])");
    let (returns, made) = if is_html {
        ("Markup", format!("Markup({formatted})"))
    } else {
        ("String", formatted)
    };
    writeln!(code, "    /// The text `{id}`.")?;
    writeln!(
        code,
        "    pub fn {}(self{parameters}) -> {returns} {{",
        id.replace('-', "_")
    )?;
    writeln!(code, "        {made}")?;
    writeln!(code, "    }}")?;
    Ok(())
}

fn is_moment(variable: &str) -> bool {
    MOMENTS.contains(&variable.split('-').next().unwrap_or_default())
}

impl Uses {
    fn read(&mut self, pattern: &Pattern<&str>) {
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { value } => self.has_elements |= value.contains('<'),
                PatternElement::Placeable { expression } => self.read_expression(expression),
            }
        }
    }

    fn read_expression(&mut self, expression: &Expression<&str>) {
        match expression {
            Expression::Inline(inline) => self.read_inline(inline),
            Expression::Select { selector, variants } => {
                if let InlineExpression::VariableReference { id } = selector {
                    self.counted.push(id.name.to_owned());
                }
                self.read_inline(selector);
                for Variant { value, .. } in variants {
                    self.read(value);
                }
            }
        }
    }

    fn read_inline(&mut self, inline: &InlineExpression<&str>) {
        match inline {
            InlineExpression::VariableReference { id }
                if !self.variables.iter().any(|known| known == id.name) =>
            {
                self.variables.push(id.name.to_owned());
            }
            InlineExpression::Placeable { expression } => self.read_expression(expression),
            _ => {}
        }
    }
}
