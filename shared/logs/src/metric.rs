use crate::members::Members;
use jiff::Timestamp;
use serde_json::{Value, json};

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

    /// Adds to a line the metrics that it counts, if any.
    pub fn count(&self, line: &mut Members, now: Timestamp) {
        let counted = counted(line);
        if counted.is_empty() {
            return;
        }
        let mut metrics = Vec::new();
        for (metric, unit, value) in counted {
            line.set(metric, value);
            metrics.push(json!({ "Name": metric, "Unit": unit }));
        }
        // A dimension has to be a member. The empty set is the sum over all functions.
        let dimensions = if line.get("function").is_some() { json!([[], ["function"]]) } else { json!([[]]) };
        let directive = json!({ "Namespace": self.namespace, "Dimensions": dimensions, "Metrics": metrics });
        line.set("_aws", json!({ "Timestamp": now.as_millisecond(), "CloudWatchMetrics": [directive] }));
    }
}

/// Metric, unit and value of everything that a line counts.
fn counted(line: &Members) -> Vec<(&'static str, &'static str, Value)> {
    let text = |name| line.get(name).and_then(Value::as_str);
    if text("target") == Some("request") {
        let duration = line.get("duration").map(|duration| ("duration", "Milliseconds", duration.clone()));
        let status = line.get("status").and_then(Value::as_u64).unwrap_or_default();
        let failed = (status >= 500).then(|| ("server_error", "Count", 1.into()));
        return duration.into_iter().chain(failed).collect();
    }
    let (target, event) = (text("target"), text("event"));
    let of_line = |count: &&Count| Some(count.target) == target && Some(count.event) == event;
    let value = |count: &Count| Some(("Count", count.by.map_or(Some(1.into()), |by| line.get(by).cloned())?));
    let counts = COUNTS.iter().filter(of_line);
    counts.filter_map(|count| value(count).map(|(unit, value)| (count.metric, unit, value))).collect()
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
