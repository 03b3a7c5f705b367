//! Lists of hosts and of addresses whose documents are dropped.

use std::path::{Path, PathBuf};

use gamayun_io::{Batch, Format, Input, ReadParams, TextUnit, open};
use gamayun_text::hash::hash128;

use crate::error::Result;

/// Lines of a list that are read at once.
const BATCH_BYTES: usize = 4 << 20;

/// Hosts and addresses, each by 64 bits of its hash: 8 bytes an entry, and with five million of them one document in
/// 10¹² is taken for another.
#[derive(Clone, Debug, Default)]
pub struct Blocklist {
    domains: Vec<u64>,
    urls: Vec<u64>,
}

/// Why an address is blocked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// `blocked_domain` or `blocked_url`.
    pub reason: &'static str,
    /// The entry of the list.
    pub entry: String,
}

impl Blocklist {
    /// Reads lists; plain, gzip or zstd, an entry a line, `#` and `!` before comments.
    ///
    /// Domains stand alone (`example.com`, `*.example.com`), as in a file of hosts (`0.0.0.0 example.com`) or as in a filter of
    /// advertisements (`||example.com^`).
    pub fn read(domains: &[PathBuf], urls: &[PathBuf]) -> Result<Self> {
        Ok(Self {
            domains: hashes(domains, domain)?,
            urls: hashes(urls, |line| Some(plain(line)))?,
        })
    }

    /// Why the document of an address is blocked: its host or a domain above it is listed, or the address itself.
    #[must_use]
    pub fn check(&self, url: &str) -> Option<Blocked> {
        let url = plain(url);
        if self.urls.binary_search(&hash(&url)).is_ok() {
            return Some(Blocked { reason: "blocked_url", entry: url });
        }
        let mut suffix = host(&url);
        loop {
            if self.domains.binary_search(&hash(suffix)).is_ok() {
                return Some(Blocked { reason: "blocked_domain", entry: suffix.to_owned() });
            }
            suffix = suffix.split_once('.')?.1;
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "half of the hash is taken")]
fn hash(entry: &str) -> u64 {
    hash128(entry.as_bytes()) as u64
}

fn hashes(paths: &[PathBuf], entry: impl Fn(&str) -> Option<String>) -> Result<Vec<u64>> {
    let mut found = Vec::new();
    for path in paths {
        for_each_line(path, |line| found.extend(entry(line).as_deref().map(hash)))?;
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

fn for_each_line(path: &Path, mut take: impl FnMut(&str)) -> Result<()> {
    let params = ReadParams {
        format: Some(Format::Text),
        text_unit: TextUnit::Line,
        metadata: false,
        ..ReadParams::default()
    };
    let mut reader = open(&Input::file(path.to_owned()), &params)?;
    let (mut batch, mut more) = (Batch::default(), true);
    while more {
        more = reader.read(&mut batch, BATCH_BYTES, usize::MAX)?;
        if let Some(rejected) = batch.rejected.first() {
            return Err(crate::error::Error::BadRecord {
                path: rejected.path.clone(),
                record: rejected.record,
                detail: rejected.detail.clone(),
            });
        }
        let lines = batch.records.iter().map(|record| record.text.trim());
        lines.filter(|line| !line.is_empty() && !line.starts_with(['#', '!'])).for_each(&mut take);
    }
    Ok(())
}

/// The domain of a line of a list.
fn domain(line: &str) -> Option<String> {
    let line = line.split('#').next().unwrap_or_default().trim();
    let name = line.split_whitespace().last()?;
    let name = name.trim_start_matches("||").trim_end_matches('^').trim_start_matches("*.");
    let url = plain(name);
    let name = host(&url).trim_matches('.');
    (!name.is_empty()).then(|| name.to_owned())
}

/// An address without scheme, user, port, fragment, `www.` and slash at the end; its host in lower case.
fn plain(url: &str) -> String {
    let url = url.trim();
    let url = url.split_once("://").map_or(url, |(_, rest)| rest);
    let url = url.split('#').next().unwrap_or_default();
    let at = url.find(['/', '?']).unwrap_or(url.len());
    let (host, rest) = url.split_at(at);
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let port = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    let host = port.map_or(host, |(host, _)| host).trim_end_matches('.').to_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    format!("{host}{}", rest.trim_end_matches('/'))
}

/// The host of a plain address.
fn host(plain: &str) -> &str {
    plain.split(['/', '?']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(domains: &str, urls: &str) -> Blocklist {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["domains", "urls"].map(|name| folder.path().join(name));
        std::fs::write(&paths[0], domains).unwrap();
        std::fs::write(&paths[1], urls).unwrap();
        Blocklist::read(&paths[..1], &paths[1..]).unwrap()
    }

    #[test]
    fn hosts_below_a_domain_are_blocked_and_no_others() {
        let domains = "# spam\n0.0.0.0 ads.example.com # a host\n*.Bad.org\n||worse.net^\nxn--e1afmkfd.xn--p1ai\n";
        let list = list(domains, "");
        let entry = |url: &str| list.check(url).map(|blocked| blocked.entry);
        assert_eq!(entry("http://ads.example.com/x"), Some("ads.example.com".into()));
        assert_eq!(entry("https://a.b.bad.org:8080/?q=1"), Some("bad.org".into()));
        assert_eq!(entry("WWW.WORSE.NET"), Some("worse.net".into()));
        for fine in ["http://example.com/", "http://notbad.org", "http://bad.org.uk", "org", ""] {
            assert_eq!(entry(fine), None, "{fine}");
        }
        assert_eq!(list.check("http://bad.org").unwrap().reason, "blocked_domain");
    }

    #[test]
    fn addresses_are_blocked_alone() {
        let list = list("", "http://www.example.com/bad/\nexample.com/q?a=1\n");
        let is_blocked = |url: &str| list.check(url).is_some();
        assert!(is_blocked("https://example.com/bad#top") && is_blocked("example.com/q?a=1"));
        assert!(!is_blocked("example.com/bad/worse") && !is_blocked("example.com/q?a=2"));
        assert_eq!(list.check("example.com/bad").unwrap().reason, "blocked_url");
    }
}
