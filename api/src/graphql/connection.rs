//! Lists, page by page (the Relay connection specification), with cursors that are keys: the next page begins
//! where the last ended, whatever was added meanwhile.

use std::borrow::Cow;

use assent_entity::page::{MAX_ROWS, Page, PageRequest};
use async_graphql::{Context, OutputType, SimpleObject, TypeName};
use data_encoding::BASE64URL_NOPAD;
use uuid::Uuid;

use super::error::{ApiError, Result};

/// How many rows a page has where nothing is said.
pub(crate) const DEFAULT_ROWS: i32 = 20;

/// One page of a list.
#[derive(SimpleObject)]
#[graphql(name_type)]
pub(crate) struct Connection<T: OutputType> {
    /// The rows of this page.
    edges: Vec<Edge<T>>,
    /// Where the page lies in its list.
    page_info: PageInfo,
    /// How many rows the whole list has. Counted only when asked for, which costs a scan.
    total_count: u64,
}

/// A row of a list.
#[derive(SimpleObject)]
#[graphql(name_type)]
pub(crate) struct Edge<T: OutputType> {
    /// Where the row lies: pass it as `after` to begin behind it.
    cursor: String,
    /// The row itself.
    node: T,
}

/// Where a page lies in its list.
#[derive(SimpleObject)]
pub(crate) struct PageInfo {
    /// Whether there are rows behind this page.
    has_next_page: bool,
    /// Whether the page was asked for by a cursor, so that there are rows before it.
    has_previous_page: bool,
    /// The cursor of the page's first row.
    start_cursor: Option<String>,
    /// The cursor of the page's last row: pass it as `after` for the next page.
    end_cursor: Option<String>,
}

impl<T: OutputType> TypeName for Connection<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", <T as OutputType>::type_name()).into()
    }
}

impl<T: OutputType> TypeName for Edge<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", <T as OutputType>::type_name()).into()
    }
}

/// A list: its name, and of what it is a part. A cursor is good for one list only.
#[derive(Clone, Copy)]
pub(crate) struct List {
    name: &'static str,
    of: Uuid,
}

impl List {
    /// A list of the tenant.
    pub(crate) fn named(name: &'static str) -> Self {
        Self {
            name,
            of: Uuid::nil(),
        }
    }

    /// A list that is part of something.
    pub(crate) fn of(name: &'static str, of: Uuid) -> Self {
        Self { name, of }
    }

    /// Reads the arguments of a connection.
    pub(crate) fn request(
        self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<&str>,
    ) -> Result<PageRequest> {
        Ok(PageRequest {
            first: rows(first)?,
            after: after.map(|cursor| self.open(cursor)).transpose()?,
            count: ctx.look_ahead().field("totalCount").exists(),
        })
    }

    /// Makes a connection of what the request found.
    pub(crate) fn page<R, T: OutputType>(
        self,
        request: PageRequest,
        page: Page<R>,
        node: impl Fn(R) -> T,
    ) -> Connection<T> {
        let edges: Vec<_> = page
            .rows
            .into_iter()
            .map(|(key, row)| Edge {
                cursor: self.cursor(key),
                node: node(row),
            })
            .collect();
        let cursor_of = |edge: Option<&Edge<T>>| edge.map(|edge| edge.cursor.clone());
        Connection {
            page_info: PageInfo {
                has_next_page: page.has_next,
                has_previous_page: request.after.is_some(),
                start_cursor: cursor_of(edges.first()),
                end_cursor: cursor_of(edges.last()),
            },
            edges,
            total_count: page.total.unwrap_or(0),
        }
    }

    fn cursor(self, key: Uuid) -> String {
        let mut octets = key.as_bytes().to_vec();
        octets.extend(self.checksum(key).to_be_bytes());
        BASE64URL_NOPAD.encode(&octets)
    }

    fn open(self, cursor: &str) -> Result<Uuid> {
        let octets = BASE64URL_NOPAD.decode(cursor.as_bytes()).unwrap_or_default();
        let read = octets.split_first_chunk::<16>().and_then(|(key, checksum)| {
            let key = Uuid::from_bytes(*key);
            (checksum == self.checksum(key).to_be_bytes()).then_some(key)
        });
        read.ok_or_else(|| {
            let message = format!(
                "this is not a cursor of the list {}: pass an endCursor or cursor that this list gave",
                self.name
            );
            ApiError::bad_input("after", message)
        })
    }

    /// FNV-1a over what the cursor is for. It catches mistakes, not forgery: a forged cursor opens nothing that
    /// the list would not show.
    fn checksum(self, key: Uuid) -> u32 {
        let parts = self
            .name
            .bytes()
            .chain(self.of.into_bytes())
            .chain(key.into_bytes());
        parts.fold(0x811c_9dc5, |hash: u32, octet| {
            (hash ^ u32::from(octet)).wrapping_mul(0x0100_0193)
        })
    }
}

fn rows(first: Option<i32>) -> Result<u64> {
    let first = u64::try_from(first.unwrap_or(DEFAULT_ROWS))
        .map_err(|_| ApiError::bad_input("first", "a page cannot have a negative number of rows"))?;
    if first > MAX_ROWS {
        let message = format!("a page has at most {MAX_ROWS} rows: ask for the next ones with `after`");
        return Err(ApiError::bad_input("first", message));
    }
    Ok(first)
}

/// What a page costs: each row as much as what is asked of it.
pub(crate) fn page_cost(first: Option<i32>, row: usize) -> usize {
    let rows = usize::try_from(first.unwrap_or(DEFAULT_ROWS)).unwrap_or(0);
    rows.saturating_mul(row).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_are_good_for_their_own_list_only() {
        let (key, parent) = (Uuid::from_u128(77), Uuid::from_u128(8));
        let list = List::of("deliveries", parent);
        let cursor = list.cursor(key);
        assert_eq!(list.open(&cursor).unwrap(), key);
        assert!(List::of("deliveries", Uuid::from_u128(9)).open(&cursor).is_err());
        assert!(List::of("consents", parent).open(&cursor).is_err());
    }

    #[test]
    fn an_altered_cursor_is_an_error() {
        let list = List::named("campaigns");
        let cursor = list.cursor(Uuid::from_u128(1 << 100));
        for (position, original) in cursor.char_indices() {
            let other = if original == 'A' { "B" } else { "A" };
            let mut altered = cursor.clone();
            altered.replace_range(position..=position, other);
            assert!(list.open(&altered).is_err(), "{position}");
        }
        for cursor in ["", "0", "MTIz", "käse", &cursor[1..], &format!("{cursor}A")] {
            assert!(list.open(cursor).is_err(), "{cursor}");
        }
    }

    #[test]
    fn a_page_has_up_to_a_hundred_rows() {
        assert_eq!(rows(None).unwrap(), 20);
        assert_eq!(rows(Some(0)).unwrap(), 0);
        assert_eq!(rows(Some(100)).unwrap(), 100);
        assert!(rows(Some(101)).is_err());
        assert!(rows(Some(-1)).is_err());
        assert_eq!(page_cost(Some(-5), 3), 1);
        assert_eq!(page_cost(Some(i32::MAX), usize::MAX), usize::MAX);
    }
}
