use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The length of a P-256 point: a tag and two coordinates (SEC 1 §2.3.3, uncompressed).
const POINT: usize = 1 + 2 * COORDINATE;
const COORDINATE: usize = 32;
const UNCOMPRESSED: u8 = 4;

/// A public ES256 key as the JWKS carries it (RFC 7517, RFC 7518 §6.2.1).
///
/// It has no field for a private member: if a row held one by mistake, it would not be published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    /// The key type, `EC`.
    pub kty: String,
    /// The curve, `P-256`.
    pub crv: String,
    /// The first coordinate, base64url.
    pub x: String,
    /// The second coordinate, base64url.
    pub y: String,
    /// What the key is for, `sig`.
    #[serde(rename = "use")]
    pub purpose: String,
    /// The only algorithm it is for, `ES256`.
    pub alg: String,
    /// Its name: the SHA-256 thumbprint of the key (RFC 7638).
    pub kid: String,
}

impl Jwk {
    /// The key at an uncompressed point of P-256. `None` when the bytes are not such a point.
    pub(crate) fn of_point(point: &[u8]) -> Option<Self> {
        let (&UNCOMPRESSED, coordinates) = point.split_first()? else { return None };
        let (x, y) = (point.len() == POINT).then(|| coordinates.split_at(COORDINATE))?;
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        let kid = thumbprint(&x, &y);
        let [kty, crv, purpose, alg] = ["EC", "P-256", "sig", "ES256"].map(str::to_owned);
        Some(Self { kty, crv, x, y, purpose, alg, kid })
    }
}

/// RFC 7638 §3: the hash of only the required members, sorted by name, without white space.
fn thumbprint(x: &str, y: &str) -> String {
    let members = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    URL_SAFE_NO_PAD.encode(Sha256::digest(members))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of the example in RFC 9449 §4.1, whose thumbprint its §6.1 states.
    const X: &str = "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs";
    const Y: &str = "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA";
    const THUMBPRINT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

    fn point() -> Vec<u8> {
        let coordinates = [X, Y].into_iter().flat_map(|c| URL_SAFE_NO_PAD.decode(c).expect("base64url"));
        [UNCOMPRESSED].into_iter().chain(coordinates).collect()
    }

    #[test]
    fn the_kid_is_the_thumbprint_of_rfc_7638() {
        assert_eq!(Jwk::of_point(&point()).expect("a key").kid, THUMBPRINT);
    }

    #[test]
    fn a_key_is_published_with_these_members_and_no_other() {
        let jwk = serde_json::to_value(Jwk::of_point(&point()).expect("a key")).expect("JSON");
        let expected = serde_json::json!({
            "kty": "EC", "crv": "P-256", "x": X, "y": Y, "use": "sig", "alg": "ES256", "kid": THUMBPRINT,
        });
        assert_eq!(jwk, expected);
    }

    #[test]
    fn other_points_are_refused() {
        let compressed = [&[2], &point()[1..]].concat();
        for bytes in [&[][..], &[4], &point()[..64], &[point(), vec![0]].concat(), &compressed] {
            assert_eq!(Jwk::of_point(bytes), None);
        }
    }
}
