use super::{Format, List, inert, object, text};
use crate::failure::Failure;
use serde_json::Value;
use std::io::Write;

/// Rows that are written as they come, because there may be many; only a table has to know all of them first.
pub struct Stream<W: Write, const COLUMNS: usize> {
    format: Format,
    list: List<COLUMNS>,
    out: W,
    written: bool,
}

impl<W: Write, const COLUMNS: usize> Stream<W, COLUMNS> {
    pub fn new(format: Format, header: [&'static str; COLUMNS], out: W) -> Self {
        Self { format, list: List::new(header), out, written: false }
    }

    /// Adds a row, in the form that [`List::push`] takes.
    ///
    /// # Errors
    /// When the reader has closed the output.
    pub fn push(&mut self, row: [Value; COLUMNS]) -> Result<(), Failure> {
        match self.format {
            Format::Table => self.list.push(row),
            Format::Csv => {
                self.begin()?;
                let mut writer = csv::Writer::from_writer(&mut self.out);
                writer.write_record(row.iter().map(|cell| inert(text(cell))))?;
                writer.flush()?;
            }
            Format::Json => {
                let separator = if self.written { "," } else { "[" };
                write!(self.out, "{separator}\n{:#}", object(&self.list.header, &row))?;
            }
        }
        self.written = true;
        Ok(())
    }

    /// Ends the list, which is a valid list even without rows.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn finish(mut self) -> Result<(), Failure> {
        match self.format {
            Format::Table => writeln!(self.out, "{}", self.list.table())?,
            Format::Csv => self.begin()?,
            Format::Json if self.written => writeln!(self.out, "\n]")?,
            Format::Json => writeln!(self.out, "[]")?,
        }
        Ok(())
    }

    /// The header of CSV, before the first row.
    fn begin(&mut self) -> Result<(), Failure> {
        if self.written { Ok(()) } else { self.list.csv(&mut self.out) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A list of any length equals the same rows written at once.
    #[test]
    fn rows_that_are_written_as_they_come_make_the_same_list() {
        for count in [0, 1, 3] {
            for format in [Format::Table, Format::Csv, Format::Json] {
                let mut whole = List::new(["name", "count"]);
                let mut out = Vec::new();
                let mut stream = Stream::new(format, ["name", "count"], &mut out);
                for number in 0..count {
                    whole.push([json!("=x"), json!(number)]);
                    stream.push([json!("=x"), json!(number)]).unwrap();
                }
                stream.finish().unwrap();
                match format {
                    Format::Table => assert_eq!(String::from_utf8(out).unwrap(), format!("{}\n", whole.table())),
                    Format::Json => assert_eq!(serde_json::from_slice::<Value>(&out).unwrap(), whole.json()),
                    Format::Csv => {
                        let mut expected = Vec::new();
                        whole.csv(&mut expected).unwrap();
                        assert_eq!(out, expected);
                    }
                }
            }
        }
    }
}
