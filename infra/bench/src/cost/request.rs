use scene::Request;

/// The headers that a browser, CloudFront and API Gateway send with a request of a page.
const HEADERS: [(&str, &str); 18] = [
    ("accept", "application/json"),
    ("accept-encoding", "gzip, deflate, br, zstd"),
    ("accept-language", "pt-BR,pt;q=0.9,en-US;q=0.8,en;q=0.7"),
    ("cloudfront-viewer-address", "203.0.113.7:46532"),
    ("origin", "https://app.example.com"),
    ("priority", "u=1, i"),
    ("referer", "https://app.example.com/"),
    ("sec-ch-ua", "\"Chromium\";v=\"142\", \"Google Chrome\";v=\"142\", \"Not_A Brand\";v=\"99\""),
    ("sec-ch-ua-platform", "\"Windows\""),
    ("sec-fetch-dest", "empty"),
    ("sec-fetch-mode", "cors"),
    ("sec-fetch-site", "same-site"),
    (
        "user-agent",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    ),
    ("via", "2.0 0123456789abcdef0123456789abcdef.cloudfront.net (CloudFront)"),
    ("x-amz-cf-id", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV=="),
    ("x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793"),
    ("x-forwarded-for", "203.0.113.7, 198.51.100.9"),
    ("x-forwarded-proto", "https"),
];

/// The event of a request that a page sends, as it goes over the wire.
pub fn event_of_a_page(request: Request) -> String {
    let put = |request: Request, (name, value): &(&str, &str)| request.without(name).header(name, value);
    HEADERS.iter().fold(request, put).event().to_string()
}
