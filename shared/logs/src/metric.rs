use crate::members::{Members, Number};
use jiff::Timestamp;
use serde::Serialize;

/// Which events count, and for which metric. The request line counts too, for `duration` and `server_error`.
const COUNTS: [Count; 13] = [
    Count { target: "audit", event: "login", metric: "login", by: None },
    Count { target: "audit", event: "login_failed", metric: "login_failed", by: None },
    Count { target: "audit", event: "registered", metric: "registered", by: None },
    Count { target: "audit", event: "throttled", metric: "throttled", by: None },
    Count { target: "audit", event: "token_minted", metric: "minted", by: None },
    // The answer to a refresh holds a JWT too.
    Count { target: "audit", event: "token_refreshed", metric: "minted", by: None },
    Count { target: "audit", event: "refresh_reused", metric: "refresh_reused", by: None },
    Count { target: "audit", event: "mail_sent", metric: "mail_sent", by: None },
    Count { target: "audit", event: "mail_lost", metric: "mail_lost", by: None },
    Count { target: "session", event: "restored", metric: "restored", by: None },
    Count { target: "session", event: "fallback", metric: "fallback", by: None },
    Count { target: "session", event: "unreadable", metric: "unreadable", by: None },
    Count { target: "session", event: "revoked", metric: "revoked", by: Some("sessions") },
];

struct Count {
    target: &'static str,
    event: &'static str,
    metric: &'static str,
    /// The member that holds the number; `None`: one.
    by: Option<&'static str>,
}

/// Marks lines so that CloudWatch makes metrics of them (embedded metric format), without an extra call or line.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    namespace: String,
}

impl Metrics {
    /// Reads the value of `METRICS_NAMESPACE`: 1 to 255 of the characters that CloudWatch allows in a namespace.
    ///
    /// # Errors
    /// When it has other characters, or is a name that is reserved for AWS.
    pub fn parse(namespace: &str) -> Result<Self, &'static str> {
        let taken = |byte: u8| byte.is_ascii_alphanumeric() || b".-_/#: ".contains(&byte);
        match () {
            () if namespace.len() > 255 => Err("is longer than 255 characters"),
            () if !namespace.bytes().all(taken) => Err("holds something other than letters, digits, blanks and .-_/#:"),
            () if namespace.trim().is_empty() => Err("is blank"),
            () if namespace.starts_with(':') || namespace.starts_with("AWS/") => Err("begins with : or AWS/"),
            () => Ok(Self { namespace: namespace.to_owned() }),
        }
    }

    /// Adds to a line of this target the metrics that it counts, if any.
    pub fn count(&self, line: &mut Members, target: &str, now: Timestamp) {
        let counted = counted(line, target);
        if counted.is_empty() {
            return;
        }
        for (metric, value) in &counted {
            line.set(metric.name, value);
        }
        // A dimension has to be a member. The empty set is the sum over all functions.
        let dimensions: &[&[&str]] = if line.has("function") { &[&[], &["function"]] } else { &[&[]] };
        let metrics = counted.into_iter().map(|(metric, _)| metric).collect();
        let directive = Directive { namespace: &self.namespace, dimensions, metrics };
        line.set("_aws", Metadata { timestamp: now.as_millisecond(), cloud_watch_metrics: [directive] });
    }
}

/// Amazon CloudWatch User Guide, "Specification: Embedded metric format".
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata<'a> {
    timestamp: i64,
    cloud_watch_metrics: [Directive<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive<'a> {
    namespace: &'a str,
    dimensions: &'a [&'a [&'a str]],
    metrics: Vec<Metric>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metric {
    name: &'static str,
    unit: &'static str,
}

/// Everything that a line counts, with its values.
fn counted(line: &Members, target: &str) -> Vec<(Metric, Number)> {
    let one = Number::Unsigned(1);
    if target == "request" {
        let duration =
            line.number("duration").map(|duration| (Metric { name: "duration", unit: "Milliseconds" }, duration));
        let failed = line.number("status").is_some_and(|status| status.is_at_least(500));
        let failed = failed.then_some((Metric { name: "server_error", unit: "Count" }, one));
        return duration.into_iter().chain(failed).collect();
    }
    let of_line = COUNTS.iter().filter(|count| count.target == target && Some(count.event) == line.event());
    let value = |count: &Count| count.by.map_or(Some(one), |by| line.number(by));
    of_line.filter_map(|count| Some((Metric { name: count.metric, unit: "Count" }, value(count)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_is_one_that_cloudwatch_takes() {
        for good in ["a", "auth", "Login/prod", "a.b-c_d/e#f:g h", "AWS", "aws/x", &"x".repeat(255)] {
            assert!(Metrics::parse(good).is_ok(), "{good}");
        }
        for bad in ["", " ", ":a", "AWS/Lambda", "a\nb", "a\"b", "a\\b", "a{b}", "\u{e9}", "a\tb", &"x".repeat(256)] {
            assert!(Metrics::parse(bad).is_err(), "{bad:?}");
        }
    }
}
