//! Routes of an API: which requests lead to a function, and in which form it gets them.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

/// The form of event and answer (API Gateway developer guide, "Create AWS Lambda proxy integrations
/// for HTTP APIs", payload format version).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayloadFormat {
    /// 1.0, of REST APIs.
    Rest,
    /// 1.0, of HTTP APIs that say so.
    HttpV1,
    /// 2.0, of HTTP APIs and function URLs.
    Http,
}

/// A route of an API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiRoute {
    /// The only method that it takes; None: any.
    pub method: Option<String>,
    /// `/orders/{id}`, `/{proxy+}`, or `$default` for all that no other one takes.
    pub path: String,
    /// What comes before the path and is not the function's to see: `/NAME` stands for a host of its
    /// own.
    pub prefix: String,
    /// The form of its events.
    pub payload: PayloadFormat,
}

/// A path that takes everything.
pub const DEFAULT_ROUTE: &str = "$default";

impl ApiRoute {
    /// Routes of a function to which all below `prefix` leads.
    pub fn everything(prefix: &str) -> [ApiRoute; 2] {
        ["/", "/{proxy+}"].map(|path| ApiRoute {
            method: None,
            path: path.to_owned(),
            prefix: prefix.to_owned(),
            payload: PayloadFormat::Rest,
        })
    }

    /// The path parameters of a request that leads here; None: it does not. `path` is below the stage.
    pub fn parameters(&self, method: &str, path: &str) -> Option<BTreeMap<String, String>> {
        let below = path.strip_prefix(&self.prefix)?;
        let takes_method = self.method.as_ref().is_none_or(|own| own == method);
        if !takes_method || !(below.is_empty() || below.starts_with('/')) {
            return None;
        }
        let mut parameters = BTreeMap::new();
        if self.path == DEFAULT_ROUTE {
            return Some(parameters);
        }
        let mut given = segments(below).peekable();
        for wanted in segments(&self.path) {
            let inside = wanted
                .strip_prefix('{')
                .and_then(|rest| rest.strip_suffix('}'));
            let (name, value) = match inside {
                Some(name) if name.ends_with('+') => {
                    given.peek()?;
                    let rest: Vec<&str> = given.by_ref().collect();
                    (name.trim_end_matches('+'), rest.join("/"))
                }
                Some(name) => (name, given.next()?.to_owned()),
                None if given.next()? == wanted => continue,
                None => return None,
            };
            let value = percent_decode_str(&value).decode_utf8_lossy().into_owned();
            parameters.insert(name.to_owned(), value);
        }
        given.next().is_none().then_some(parameters)
    }

    /// Whether a path that none of these routes takes is asked of an HTTP API: the one below the same host
    /// that has the path for another method, if there is one.
    pub fn are_http_api<'a>(routes: impl Iterator<Item = &'a ApiRoute>, path: &str) -> bool {
        let near = |route: &&ApiRoute| {
            let any = ApiRoute {
                method: None,
                ..(*route).clone()
            };
            let has_path = any.parameters("", path).is_some();
            let is_rest = route.payload == PayloadFormat::Rest;
            (route.prefix.len(), has_path, is_rest)
        };
        let of_host = routes.filter(|route| path.starts_with(&route.prefix));
        let nearest = of_host.max_by_key(near);
        nearest.is_some_and(|route| route.payload != PayloadFormat::Rest)
    }

    /// The more of a route is fixed, the sooner it is taken.
    pub fn rank(&self) -> impl Ord + use<> {
        let fixed = segments(&self.path).map(|segment| match segment {
            DEFAULT_ROUTE => 0,
            greedy if greedy.ends_with("+}") => 1,
            one if one.starts_with('{') => 2,
            _ => 3,
        });
        let fixed: Vec<u8> = fixed.collect();
        (
            self.prefix.len(),
            self.path != DEFAULT_ROUTE,
            fixed,
            self.method.is_some(),
        )
    }

    /// A path below the stage that leads here, each parameter as its name.
    pub fn address(&self) -> String {
        let path = self.path.trim_start_matches(DEFAULT_ROUTE);
        let plain = path.replace(['{', '}', '+'], "");
        match format!("{}{plain}", self.prefix) {
            empty if empty.is_empty() => "/".to_owned(),
            full => full,
        }
    }

    /// How much a plain GET of its address suits it: the least is best.
    pub fn unlike_a_get(&self) -> (bool, usize) {
        let other = self.method.as_ref().is_some_and(|method| method != "GET");
        (other, self.path.matches('{').count())
    }

    /// `GET /orders/{id}`, as API Gateway calls it.
    pub fn key(&self) -> String {
        match self.path.as_str() {
            DEFAULT_ROUTE => DEFAULT_ROUTE.to_owned(),
            path => format!("{} {path}", self.method.as_deref().unwrap_or("ANY")),
        }
    }
}

/// The resource of an API that takes a path below the stage, and its parameters.
pub type ResourceMatch = (String, BTreeMap<String, String>);

/// That of a function to which all below its route leads.
pub fn proxied(route: &str, path: &str) -> ResourceMatch {
    let route = route.trim_end_matches('/');
    let below = path.strip_prefix(route).unwrap_or(path);
    match below.trim_start_matches('/') {
        "" if route.is_empty() => ("/".to_owned(), BTreeMap::new()),
        "" => (route.to_owned(), BTreeMap::new()),
        below => {
            let parameters = [("proxy".to_owned(), below.to_owned())];
            (format!("{route}/{{proxy+}}"), parameters.into())
        }
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(method: Option<&str>, path: &str) -> ApiRoute {
        ApiRoute {
            method: method.map(str::to_owned),
            path: path.to_owned(),
            prefix: String::new(),
            payload: PayloadFormat::Http,
        }
    }

    #[test]
    fn a_function_behind_a_route_has_a_resource_for_it_and_one_for_all_below() {
        for (route, path, resource, below) in [
            ("", "", "/", None),
            ("/", "/", "/", None),
            ("/", "/a/b", "/{proxy+}", Some("a/b")),
            ("/orders", "/orders", "/orders", None),
            ("/orders/", "/orders/", "/orders", None),
            ("/orders", "/orders/7", "/orders/{proxy+}", Some("7")),
        ] {
            let (found, parameters) = proxied(route, path);
            assert_eq!(found, resource, "{route} {path}");
            assert_eq!(parameters.get("proxy").map(String::as_str), below);
        }
    }

    #[test]
    fn the_api_that_a_path_would_be_of_is_that_of_the_routes_beside_it() {
        let with = |payload, prefix: &str| ApiRoute {
            payload,
            prefix: prefix.to_owned(),
            ..route(None, "/orders")
        };
        let http = [with(PayloadFormat::HttpV1, "")];
        assert!(ApiRoute::are_http_api(http.iter(), "/none"));
        let rest = [
            with(PayloadFormat::Rest, ""),
            with(PayloadFormat::Http, "/f"),
            ApiRoute {
                path: "/both".to_owned(),
                ..with(PayloadFormat::Http, "")
            },
        ];
        assert!(!ApiRoute::are_http_api(rest.iter(), "/none"));
        assert!(ApiRoute::are_http_api(rest.iter(), "/both"));
        assert!(ApiRoute::are_http_api(rest.iter(), "/f/none"));
        assert!(!ApiRoute::are_http_api([].iter(), "/none"));
    }

    #[test]
    fn the_route_that_says_most_takes_a_request() {
        let routes = [
            route(None, "$default"),
            route(None, "/{proxy+}"),
            route(Some("GET"), "/orders/{id}"),
            route(Some("GET"), "/orders/new"),
            route(None, "/orders/{id}"),
            route(Some("POST"), "/orders"),
        ];
        let taken = |method: &str, path: &str| {
            let fitting =
                (0..routes.len()).filter(|one| routes[*one].parameters(method, path).is_some());
            fitting.max_by_key(|one| routes[*one].rank())
        };
        for (method, path, place) in [
            ("GET", "/orders/new", 3),
            ("GET", "/orders/7", 2),
            ("PUT", "/orders/7", 4),
            ("POST", "/orders/", 5),
            ("GET", "/orders", 1),
            ("GET", "/orders/7/lines", 1),
            ("GET", "/", 0),
        ] {
            assert_eq!(taken(method, path), Some(place), "{method} {path}");
        }
        let parameters = routes[2]
            .parameters("GET", "/orders/a%20b")
            .expect("it fits");
        assert_eq!(parameters["id"], "a b");
        assert_eq!(
            routes[1].parameters("GET", "/a/b").expect("it fits")["proxy"],
            "a/b"
        );
        assert_eq!(routes[2].address(), "/orders/id");
        let [own, _] = ApiRoute::everything("/shop");
        assert!(
            own.parameters("GET", "/shop").is_some()
                && own.parameters("GET", "/shopping").is_none()
        );
        assert_eq!(own.address(), "/shop/");
    }
}
