/// The prefix that binds a cookie to this host, all its paths, and TLS (RFC 6265bis 4.1.3.2).
const PREFIX: &str = "__Host-";

/// A cookie as a browser sent it, letter by letter.
///
/// No library reads it. Browsers refuse `__Host-` cookies that other hosts set, but they compare bytes: for them
/// `\u{2000}__Host-x` is a name like any other. A reader that trims more than browsers do would take it for ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Presented<'a> {
    pub name: &'a str,
    pub value: &'a str,
}

impl<'a> Presented<'a> {
    /// The cookies of a header's value, in their order (RFC 6265bis 5.8.3). A pair ends at the next semicolon, and its
    /// name at the first equals sign; space and tab around the pair are removed. A pair without an equals sign is the
    /// value of a cookie without a name. Quotes are part of a value.
    pub fn all(header: &'a str) -> impl Iterator<Item = Self> {
        let pairs = header.split(';').map(|pair| pair.trim_matches([' ', '\t'])).filter(|pair| !pair.is_empty());
        pairs.map(|pair| pair.split_once('=').unwrap_or(("", pair))).map(|(name, value)| Self { name, value })
    }

    /// Whether a reader that trims, drops invisible characters or ignores case would see the prefix, although some
    /// browsers did not enforce it. Browsers that compare case (RFC 6265bis 5.7 forbids it since its twelfth draft) let
    /// another host set `__host-x`. Such a cookie is never ours; it is reported, since no page of ours set it.
    pub fn imitates_ours(&self) -> bool {
        let is_seen = |byte: &u8| byte.is_ascii_graphic();
        let mut seen = self.name.bytes().filter(is_seen);
        let looks_prefixed = PREFIX.bytes().all(|byte| seen.next().is_some_and(|one| one.eq_ignore_ascii_case(&byte)));
        looks_prefixed && !(self.name.starts_with(PREFIX) && self.name.bytes().all(|byte| is_seen(&byte)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(header: &str) -> Vec<(&str, &str)> {
        Presented::all(header).map(|cookie| (cookie.name, cookie.value)).collect()
    }

    #[test]
    fn cookies_are_read_as_browsers_write_them() {
        for (header, cookies) in [
            ("", vec![]),
            ("a=1", vec![("a", "1")]),
            ("a=1; b=2", vec![("a", "1"), ("b", "2")]),
            ("a=1;b=2;; ;\t", vec![("a", "1"), ("b", "2")]),
            (" \ta=1 \t;\tb=2", vec![("a", "1"), ("b", "2")]),
            ("a=b=c==", vec![("a", "b=c==")]),
            ("a=", vec![("a", "")]),
            ("=a", vec![("", "a")]),
            // RFC 6265bis 5.8.3: this is how a browser sends a cookie without a name.
            ("a", vec![("", "a")]),
            ("a =1", vec![("a ", "1")]),
            ("a= 1", vec![("a", " 1")]),
            ("a=\"1\"", vec![("a", "\"1\"")]),
            ("a=%31", vec![("a", "%31")]),
            ("a=1,b=2", vec![("a", "1,b=2")]),
            ("\u{2000}a=1", vec![("\u{2000}a", "1")]),
            ("a\u{a0}=1\u{2003}", vec![("a\u{a0}", "1\u{2003}")]),
            ("\u{c}a=1\r\n", vec![("\u{c}a", "1\r\n")]),
        ] {
            assert_eq!(read(header), cookies, "{header:?}");
        }
    }

    #[test]
    fn what_only_some_readers_take_for_the_prefix_imitates_it() {
        for (name, imitates) in [
            ("__Host-session_id", false),
            ("__Host-other", false),
            ("__Host-Session_ID", false),
            ("__Secure-session_id", false),
            ("session_id", false),
            ("x__Host-session_id", false),
            ("", false),
            ("\u{e9}", false),
            ("\u{2000}__Host-session_id", true),
            ("__Host-session_id\u{3000}", true),
            ("__Host-session_id ", true),
            ("\u{85}__Host-session_id", true),
            ("\u{feff}__Host-session_id", true),
            ("\u{200b}__Host-login_AAAAAAAAAAAAAAAA", true),
            ("__Ho\u{ad}st-session_id", true),
            ("\u{1}__Host-session_id", true),
            ("__host-session_id", true),
            ("__HOST-SESSION_ID", true),
        ] {
            assert_eq!(Presented { name, value: "" }.imitates_ours(), imitates, "{name:?}");
        }
    }

    /// The same by another method: one byte at a time, as the standard describes it.
    fn model(header: &str) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut cookies = Vec::new();
        for pair in header.as_bytes().split(|byte| *byte == b';') {
            let blank = |byte: &u8| *byte == b' ' || *byte == b'\t';
            let Some(first) = pair.iter().position(|byte| !blank(byte)) else { continue };
            let last = pair.iter().rposition(|byte| !blank(byte)).unwrap();
            let (mut name, mut value, mut is_value) = (Vec::new(), Vec::new(), false);
            for byte in &pair[first..=last] {
                match byte {
                    b'=' if !is_value => is_value = true,
                    byte if is_value => value.push(*byte),
                    byte => name.push(*byte),
                }
            }
            cookies.push(if is_value { (name, value) } else { (Vec::new(), name) });
        }
        cookies
    }

    proptest! {
        #[test]
        fn every_header_is_read_as_the_model_reads_it(
            header in "\\PC*|([ \t]{0,2}[\u{2000}\u{a0}\u{85}\u{c}\u{feff} ]?(__Host-)?[a-z=\" ]{0,6}[\u{3000}\t ]?;?){0,5}",
        ) {
            let read: Vec<_> = read(&header).into_iter().map(|(name, value)| (name.into(), value.into())).collect();
            prop_assert_eq!(read, model(&header));
        }

        /// A name that differs in any byte is never taken for ours.
        #[test]
        fn no_letter_around_a_name_goes_unseen(before in "\\PC?|[\u{85}\u{a0}\u{2028}\u{c}]", after in "\\PC?|[\u{85}\u{a0}\u{2028}\u{c}]") {
            let plain = |text: &str| text.is_empty() || text == " ";
            prop_assume!(!plain(&before) || !after.is_empty());
            prop_assume!(![&before, &after].iter().any(|text| text.contains([';', '='])));
            let header = format!("{before}__Host-session_id{after}=secret");
            prop_assert!(read(&header).iter().all(|(name, _)| *name != "__Host-session_id"));
        }
    }
}
