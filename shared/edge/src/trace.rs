use crate::Call;
use tracing::Span;

/// The trace that an invocation belongs to: other systems find its log lines by it.
///
/// A client may have written all of it. So only the exact form, which has a fixed length, is accepted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Trace {
    /// 32 hexadecimal digits: of the W3C trace, or else of the X-Ray trace, whose digits have the same meaning.
    id: Option<String>,
    /// The trace's root as X-Ray writes it: `1-` eight digits `-` 24 digits.
    xray: Option<String>,
}

impl Trace {
    /// The trace of a request. The runtime's X-Ray trace takes precedence over the header, which a client can write.
    pub fn of_call(call: &Call<'_>) -> Self {
        let xray = call.xray_trace_id.and_then(root).or_else(|| root(call.header("x-amzn-trace-id")?));
        Self { id: call.header("traceparent").and_then(w3c_id), xray: None }.or_xray(xray)
    }

    /// The trace of an invocation that is not a request.
    pub fn of_invocation(xray_trace_id: Option<&str>) -> Self {
        Self::default().or_xray(xray_trace_id.and_then(root))
    }

    /// The members that every line of an invocation has.
    pub fn span(&self, request_id: &str) -> Span {
        let (trace_id, xray_trace_id) = (self.id.as_deref(), self.xray.as_deref());
        tracing::info_span!("invocation", request_id, trace_id, xray_trace_id)
    }

    fn or_xray(self, root: Option<&str>) -> Self {
        let digits = || root.map(|root| root[2..].replace('-', ""));
        Self { id: self.id.or_else(digits), xray: root.map(str::to_owned) }
    }
}

/// The trace id of a `traceparent` (W3C Trace Context, level 1, section 3.2): `00-` trace `-` parent `-` flags. A later
/// version may add more after another hyphen.
fn w3c_id(header: &str) -> Option<String> {
    let mut parts = header.splitn(5, '-');
    let (version, id, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let known = hex(version, 2) && version != "ff" && (version != "00" || parts.next().is_none());
    let valid = known && hex(id, 32) && hex(parent, 16) && hex(flags, 2) && !zero(id) && !zero(parent);
    valid.then(|| id.to_owned())
}

/// The root of an X-Ray header such as `Root=1-…;Parent=…;Sampled=1`, if it has one.
fn root(header: &str) -> Option<&str> {
    let mut roots = header.split(';').filter_map(|part| part.trim_matches(' ').strip_prefix("Root="));
    let (Some(root), None) = (roots.next(), roots.next()) else { return None };
    let (time, unique) = root.strip_prefix("1-")?.split_once('-')?;
    (hex(time, 8) && hex(unique, 24) && !(zero(time) && zero(unique))).then_some(root)
}

fn hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn zero(digits: &str) -> bool {
    digits.bytes().all(|digit| digit == b'0')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const ROOT: &str = "1-5759e988-bd862e3fe1be46a994272793";

    #[test]
    fn a_traceparent_names_its_trace() {
        for header in [
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff",
            // A reader of the first version reads a later one as far as the first version goes.
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-will-be-like",
        ] {
            assert_eq!(w3c_id(header).as_deref(), Some(ID), "{header}");
        }
    }

    #[test]
    fn what_is_not_exactly_a_traceparent_names_none() {
        for header in [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-011",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "0-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "0g-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e47366-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473\u{e9}-00f067aa0ba902b7-01",
            " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\n",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01,00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert_eq!(w3c_id(header), None, "{header:?}");
        }
    }

    #[test]
    fn an_x_ray_header_names_its_root_once() {
        for header in [
            ROOT.replace("1-5", "Root=1-5"),
            format!("Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=1"),
            format!("Self=1-67891234-12456789abcdef012345678; Root={ROOT}"),
            format!("Sampled=?;Root={ROOT};Lineage=a87bd80c:1"),
        ] {
            assert_eq!(root(&header), Some(ROOT), "{header}");
        }
        for header in [
            "",
            ROOT,
            "Root=",
            "Root=1-",
            "root=1-5759e988-bd862e3fe1be46a994272793",
            "Root=2-5759e988-bd862e3fe1be46a994272793",
            "Root=1-5759e988-bd862e3fe1be46a99427279",
            "Root=1-5759e988-bd862e3fe1be46a9942727933",
            "Root=1-5759e9888bd862e3fe1be46a994272793",
            "Root=1-5759E988-bd862e3fe1be46a994272793",
            "Root=1-5759e988-bd862e3fe1be46a99427279\n",
            "Root=1-5759e988-bd862e3fe1be46a994272793x;Sampled=1",
            "Root=1-00000000-000000000000000000000000",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Root=1-5759e988-bd862e3fe1be46a994272793",
        ] {
            assert_eq!(root(header), None, "{header:?}");
        }
    }

    #[test]
    fn the_w3c_trace_counts_before_that_of_x_ray() {
        let digits = "5759e988bd862e3fe1be46a994272793";
        let xray = Trace::default().or_xray(Some(ROOT));
        assert_eq!((xray.id.as_deref(), xray.xray.as_deref()), (Some(digits), Some(ROOT)));
        let both = Trace { id: Some(ID.to_owned()), xray: None }.or_xray(Some(ROOT));
        assert_eq!((both.id.as_deref(), both.xray.as_deref()), (Some(ID), Some(ROOT)));
        assert_eq!(Trace::of_invocation(None), Trace::default());
    }

    proptest! {
        /// A client cannot make a line longer than the forms allow.
        #[test]
        fn no_header_becomes_more_than_its_form(header in "(00|Root=1)?[-;=0-9a-f]{0,80}|\\PC*") {
            prop_assert!(w3c_id(&header).is_none_or(|id| hex(&id, 32)));
            prop_assert!(root(&header).is_none_or(|root| root.len() == 35 && root.is_ascii()));
        }
    }
}
