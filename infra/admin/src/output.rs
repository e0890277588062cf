mod stream;

pub use stream::Stream;

use crate::failure::Failure;
use comfy_table::{Table, presets::NOTHING};
use serde_json::{Map, Value};
use std::io::{self, Write};

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    Table,
    /// For spreadsheets: RFC 4180 with a header.
    Csv,
    /// For programs: an array of objects.
    Json,
}

/// Rows under one header.
pub struct List<const COLUMNS: usize> {
    header: [&'static str; COLUMNS],
    rows: Vec<[Value; COLUMNS]>,
}

impl<const COLUMNS: usize> List<COLUMNS> {
    pub fn new(header: [&'static str; COLUMNS]) -> Self {
        Self { header, rows: Vec::new() }
    }

    /// With one more row. A cell is a text, a number, a boolean, a list of texts, or null.
    pub fn push(&mut self, row: [Value; COLUMNS]) {
        self.rows.push(row);
    }

    /// Writes it to the standard output.
    ///
    /// # Errors
    /// When the reader has closed the output.
    pub fn write(&self, format: Format) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        match format {
            Format::Table => writeln!(out, "{}", self.table())?,
            Format::Csv => self.csv(&mut out)?,
            Format::Json => writeln!(out, "{:#}", self.json())?,
        }
        Ok(())
    }

    fn table(&self) -> String {
        let mut table = Table::new();
        table.load_style(NOTHING).set_header(self.header.map(|name| name.to_uppercase()));
        for row in &self.rows {
            table.add_row(row.iter().map(|cell| shown(&text(cell))));
        }
        table.trim_fmt()
    }

    fn csv(&self, out: impl Write) -> Result<(), Failure> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(self.header)?;
        for row in &self.rows {
            writer.write_record(row.iter().map(|cell| inert(text(cell))))?;
        }
        writer.flush()?;
        Ok(())
    }

    fn json(&self) -> Value {
        self.rows.iter().map(|row| object(&self.header, row)).collect()
    }
}

fn object<const COLUMNS: usize>(header: &[&str; COLUMNS], row: &[Value; COLUMNS]) -> Value {
    let members = header.iter().zip(row).map(|(name, cell)| ((*name).to_owned(), cell.clone()));
    Value::Object(members.collect::<Map<_, _>>())
}

fn text(cell: &Value) -> String {
    match cell {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(text).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

/// Names and browsers are text from strangers: it must not control the terminal.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// Nor may it be a formula when a spreadsheet opens it (OWASP CSV Injection).
fn inert(text: String) -> String {
    // In full width too, as spreadsheets with an East Asian locale read them.
    const BEGINNINGS: [char; 11] =
        ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    if text.starts_with(BEGINNINGS) { format!("'{text}") } else { text }
}

/// Says something to the person at the terminal, apart from the output for programs.
pub fn say(text: &str) {
    // If no program reads this, nothing else can be done.
    drop(writeln!(io::stderr(), "{text}"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn list(cell: Value) -> List<2> {
        let mut list = List::new(["name", "count"]);
        list.push([cell, json!(1)]);
        list
    }

    fn csv(cell: &str) -> String {
        let mut out = Vec::new();
        list(json!(cell)).csv(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// ASVS 1.2.10.
    #[test]
    fn a_formula_is_text_in_a_spreadsheet() {
        assert_eq!(csv("=1+1"), "name,count\n'=1+1,1\n");
        for beginning in ["=", "+", "-", "@", "\t", "\u{ff1d}", "\u{ff0b}", "\u{ff0d}", "\u{ff20}"] {
            assert_eq!(csv(&format!("{beginning}1")), format!("name,count\n'{beginning}1,1\n"));
        }
        for beginning in ["\r", "\n"] {
            assert_eq!(csv(&format!("{beginning}1")), format!("name,count\n\"'{beginning}1\",1\n"));
        }
        assert_eq!(csv("a \"b\", c"), "name,count\n\"a \"\"b\"\", c\",1\n");
    }

    #[test]
    fn a_stranger_does_not_steer_the_terminal() {
        let table = list(json!("\u{1b}]0;x\u{7}\n\u{9b}31m")).table();
        assert!(!table.contains(['\u{1b}', '\u{7}', '\u{9b}']) && table.lines().count() == 2, "{table:?}");
    }

    #[test]
    fn a_program_gets_every_cell_as_it_is() {
        assert_eq!(list(json!(["a", "b"])).json(), json!([{ "name": ["a", "b"], "count": 1 }]));
    }
}
