use crate::attempt::{decoded, encoded};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// What an attempt that succeeded leaves in its cookie: where it led. A browser that asks for the same callback once
/// more, after a double click or a reload, is sent there again.
///
/// It is no attempt: it holds no secret, no session begins with it, and where it leads is judged again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Where the browser went.
    pub return_to: String,
    /// When the attempt succeeded.
    pub finished_at: Timestamp,
}

impl Receipt {
    /// How long it leads there.
    pub const LIFETIME: SignedDuration = SignedDuration::from_mins(2);

    /// The value of the cookie.
    pub fn encode(&self) -> String {
        encoded(self)
    }

    /// Reads what [`encode`](Self::encode) wrote; `None` for anything else, such as an attempt.
    pub fn decode(text: &str) -> Option<Self> {
        decoded(text)
    }

    /// Whether it still leads there. One from the future, beyond what clocks differ by, is as invalid as an old one.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        let age = now.duration_since(self.finished_at);
        (-SignedDuration::from_mins(1)..=Self::LIFETIME).contains(&age)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Attempt;

    fn receipt() -> Receipt {
        let finished_at = "2026-01-02T03:04:05.678Z".parse().unwrap();
        Receipt { return_to: "https://app.example.com/inbox".to_owned(), finished_at }
    }

    #[test]
    fn a_receipt_is_no_attempt_and_an_attempt_no_receipt() {
        let text = receipt().encode();
        assert_eq!((Receipt::decode(&text), Attempt::decode(&text)), (Some(receipt()), None));
        let attempt = Attempt {
            provider: "google".to_owned(),
            state: "STATE".to_owned(),
            nonce: "NONCE".to_owned(),
            verifier: "VERIFIER".to_owned(),
            return_to: receipt().return_to,
            started_at: receipt().finished_at,
            link: false,
            prompt: false,
            mark: None,
        };
        assert_eq!(Receipt::decode(&attempt.encode()), None);
    }

    #[test]
    fn it_leads_there_for_two_minutes() {
        for (seconds, fresh) in [(0, true), (120, true), (121, false), (86_400, false), (-60, true), (-61, false)] {
            let now = receipt().finished_at + SignedDuration::from_secs(seconds);
            assert_eq!(receipt().is_fresh(now), fresh, "{seconds}");
        }
    }
}
