/// The name, in capitals, and the length in bytes of the first command in what a client has sent. `None`: the command
/// is incomplete.
pub(super) fn first(bytes: &[u8]) -> Option<(String, usize)> {
    let (count, mut at) = header(bytes, 0, b'*')?;
    let mut name = None;
    for _ in 0..count {
        let (length, start) = header(bytes, at, b'$')?;
        let word = bytes.get(start..start + length)?;
        name.get_or_insert_with(|| String::from_utf8_lossy(word).to_uppercase());
        at = start + length + 2;
    }
    (at <= bytes.len()).then(|| (name.unwrap_or_default(), at))
}

/// Whether a client sends this by itself after it has connected.
pub(super) fn prepares_the_connection(name: &str) -> bool {
    matches!(name, "AUTH" | "CLIENT" | "HELLO" | "PING" | "SELECT")
}

/// A line of one letter and a number: returns the number, and where the next line starts.
fn header(bytes: &[u8], at: usize, letter: u8) -> Option<(usize, usize)> {
    let line = bytes.get(at..)?;
    let end = line.windows(2).position(|pair| pair == b"\r\n")?;
    assert_eq!(line[0], letter, "a client that does not speak RESP");
    let number = std::str::from_utf8(&line[1..end]).ok()?.parse().ok()?;
    Some((number, at + end + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_found_when_all_of_it_is_there() {
        let two = b"*2\r\n$3\r\nget\r\n$1\r\na\r\n*1\r\n$4\r\nPING\r\n";
        assert_eq!(first(two), Some(("GET".to_owned(), 20)));
        assert_eq!(first(&two[20..]), Some(("PING".to_owned(), 14)));
        for length in 0..20 {
            assert_eq!(first(&two[..length]), None, "{length}");
        }
    }

    #[test]
    fn a_value_may_look_like_a_command() {
        assert_eq!(first(b"*2\r\n$4\r\nECHO\r\n$6\r\n*1\r\n$3\r\n"), Some(("ECHO".to_owned(), 26)));
    }
}
