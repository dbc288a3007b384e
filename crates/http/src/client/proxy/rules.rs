//! Which requests of a client go through which proxy.

use std::rc::Rc;

use super::Proxy;
use super::bypass::Bypass;
use crate::client::FetchError;
use crate::client::request::{HttpRequest, ProxyChoice};
use crate::client::url::{Scheme, Url};

/// The proxies of a client.
#[derive(Debug, Clone, Default)]
pub(in crate::client) struct ProxyRules {
    http: Option<Rc<Proxy>>,
    https: Option<Rc<Proxy>>,
    bypass: Bypass,
}

impl ProxyRules {
    pub(in crate::client) fn set_all(&mut self, proxy: Proxy) {
        let proxy = Some(Rc::new(proxy));
        self.http.clone_from(&proxy);
        self.https = proxy;
    }

    pub(in crate::client) fn set_bypass(&mut self, hosts: &str) {
        self.bypass = Bypass::parse(hosts);
    }

    /// Reads curl's variables.
    pub(in crate::client) fn from_variables(
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, FetchError> {
        let find = |names: &[&'static str]| {
            let mut found = names.iter().map(|name| (*name, variable(name)));
            found.find_map(|(name, value)| Some((name, value.filter(|text| !text.is_empty())?)))
        };
        let all = proxy(find(&["all_proxy", "ALL_PROXY"]))?;
        let http = proxy(find(&["http_proxy"]))?;
        let https = proxy(find(&["https_proxy", "HTTPS_PROXY"]))?;
        let bypass = find(&["no_proxy", "NO_PROXY"]);
        Ok(Self {
            http: http.or_else(|| all.clone()),
            https: https.or(all),
            bypass: bypass.map_or_else(Bypass::default, |(_, list)| Bypass::parse(&list)),
        })
    }

    /// Chooses the proxy of one request to `url`.
    pub(in crate::client) fn choose(
        &self,
        request: &HttpRequest,
        url: &Url,
    ) -> Result<Option<Rc<Proxy>>, FetchError> {
        let reach = request.options.reach.as_deref();
        if reach.is_some_and(|reach| reach.unix_socket.is_some()) {
            return Ok(None);
        }
        let chosen = match reach.map(|reach| &reach.proxy) {
            Some(ProxyChoice::Direct) => None,
            Some(ProxyChoice::Through(proxy)) => Some(proxy),
            Some(ProxyChoice::OfClient) | None => self.of_client(url),
        };
        let Some(proxy) = chosen else {
            return Ok(None);
        };
        proxy.check()?;
        Ok(Some(Rc::clone(proxy)))
    }

    fn of_client(&self, url: &Url) -> Option<&Rc<Proxy>> {
        let proxy = match url.scheme {
            Scheme::Http => self.http.as_ref(),
            Scheme::Https => self.https.as_ref(),
        };
        proxy.filter(|_| !self.bypass.contains(url.host_name(), url.port))
    }
}

fn proxy(found: Option<(&'static str, String)>) -> Result<Option<Rc<Proxy>>, FetchError> {
    let Some((name, value)) = found else {
        return Ok(None);
    };
    let parsed = Proxy::parse(&value);
    let parsed =
        parsed.map_err(|error| FetchError::request(format!("variable {name}: {error}")))?;
    Ok(Some(Rc::new(parsed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(variables: &'static [(&str, &str)]) -> Result<ProxyRules, FetchError> {
        ProxyRules::from_variables(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    fn chosen(rules: &ProxyRules, url: &str) -> Option<String> {
        let request = HttpRequest::get(url);
        let chosen = rules.choose(&request, &Url::parse(url).unwrap()).unwrap();
        chosen.map(|proxy| proxy.place())
    }

    #[test]
    fn the_environment_is_read_as_curl_reads_it() {
        let rules = rules(&[
            ("http_proxy", "one:1"),
            ("HTTPS_PROXY", "http://two:2"),
            ("all_proxy", "three:3"),
            ("NO_PROXY", "here.test,127.0.0.0/8"),
        ])
        .unwrap();
        assert_eq!(chosen(&rules, "http://a/").as_deref(), Some("one:1"));
        assert_eq!(chosen(&rules, "https://a/").as_deref(), Some("two:2"));
        assert_eq!(chosen(&rules, "http://www.here.test/"), None);
        assert_eq!(chosen(&rules, "http://127.0.0.1/"), None);
    }

    #[test]
    fn what_a_cgi_server_sets_is_not_believed() {
        // CVE-2016-5385: the field `Proxy` of a request becomes HTTP_PROXY.
        let rules = rules(&[("HTTP_PROXY", "evil:1")]).unwrap();
        assert_eq!(chosen(&rules, "http://a/"), None);
    }

    #[test]
    fn a_variable_that_names_no_proxy_is_named() {
        let error = rules(&[("https_proxy", "gopher://x")]).unwrap_err();
        assert!(
            error.to_string().starts_with("variable https_proxy: "),
            "{error}"
        );
    }
}
