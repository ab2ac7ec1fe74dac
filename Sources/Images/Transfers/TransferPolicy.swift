/// What is allowed on the network, and how patient we are.
package struct TransferPolicy: Sendable {
    /// Whether plain http is allowed (`--insecure-options=http`).
    package var allowsPlainHTTP = false
    /// Hosts, with their ports if not the scheme's own, for which an operator's configuration allows plain http.
    package var plainHosts: Set<String> = []
    /// Whether certificates are checked (not with `--insecure-options=tls`).
    package var verifiesCertificates = true
    /// The file of the authorities that count; nil for the system's.
    package var authorityFile: String?
    /// What we call ourselves.
    package var userAgent = "rkt"
    /// Through which proxies.
    package var proxies = Proxies()
    /// How many redirects are followed.
    package var redirects = 10
    /// How often a request is made until it succeeds.
    package var attempts = 5
    /// Before the second attempt; doubled for each that follows.
    package var firstDelayMilliseconds: Int64 = 500
    /// The longest that a server's `Retry-After` is waited for.
    package var longestDelaySeconds: Int64 = 120
    package var connectSeconds: Int64 = 20
    /// How long a server may send nearly nothing.
    package var idleSeconds: Int64 = 30
    /// What nearly nothing is, in bytes a second.
    package var idleRate: Int64 = 64
    /// The longest one small request may take, with its answer in memory.
    package var answerSeconds: Int64 = 120
    package var headerBytes = 64 << 10
    package var headerLines = 100

    /// What everybody gets unless told otherwise.
    package init() {}

    /// Checks that a request may travel as its URL says.
    func check(_ request: HTTPRequest) throws(TransferError) {
        let url = request.url
        guard !url.isSecure else { return }
        guard allowsPlainHTTP || plainHosts.contains(url.authority) else {
            throw .insecure(
                url,
                reason: "plain http is refused (--insecure-options=http allows it)"
            )
        }
        guard request.authorization?.isPublic ?? true else {
            throw .insecure(url, reason: "credentials don't travel over plain http")
        }
    }
}

/// The proxies that the environment names: `https_proxy`, `http_proxy`, `no_proxy`, in either case.
package struct Proxies: Sendable, Hashable {
    private var secure = ""
    private var plain = ""
    private var exceptions: [String] = []

    /// The names of the variables that count.
    package static let variables = [
        "https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY",
    ]

    /// No proxies.
    package init() {}

    /// The proxies of an environment.
    ///
    /// In a CGI program `HTTP_PROXY` is a header of whoever calls it, so it doesn't count there.
    package init(_ variable: (String) -> String?) {
        func value(_ name: String) -> String {
            variable(name) ?? variable(name.uppercased()) ?? ""
        }
        secure = value("https_proxy")
        plain =
            variable("REQUEST_METHOD") == nil ? value("http_proxy") : variable("http_proxy") ?? ""
        exceptions = value("no_proxy").split { $0 == "," || $0 == " " }.map { $0.lowercased() }
    }

    /// The proxy for a URL, empty for none; this machine itself is never reached through one.
    func proxy(for url: WebURL) -> String {
        if url.isLoopback || exceptions.contains(where: { covers($0, url) }) { return "" }
        return url.isSecure ? secure : plain
    }

    private func covers(_ exception: String, _ url: WebURL) -> Bool {
        if exception == "*" || exception == url.host || exception == "\(url.host):\(url.port)" {
            return true
        }
        let domain = exception.hasPrefix("*.") ? String(exception.dropFirst()) : exception
        let suffix = domain.hasPrefix(".") ? domain : ".\(domain)"
        return url.host.hasSuffix(suffix) || ".\(url.host)" == suffix
    }
}
