package import Linux

/// What is asked of a server.
package struct HTTPRequest: Sendable {
    /// The verb.
    package enum Method: String, Sendable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
    }

    /// What is sent along.
    package enum Body: Sendable {
        case none
        case bytes([UInt8])
        /// A stretch of an open file.
        case file(FileStretch)

        /// How many bytes.
        package var length: UInt64 {
            switch self {
            case .none: 0
            case .bytes(let bytes): UInt64(bytes.count)
            case .file(let stretch): stretch.length
            }
        }
    }

    /// A stretch of an open file that is read at positions, so that it can be sent again.
    package final class FileStretch: Sendable {
        let file: Descriptor
        let offset: UInt64
        package let length: UInt64

        /// A stretch of a file that the stretch owns.
        package init(_ file: consuming Descriptor, offset: UInt64, length: UInt64) {
            self.file = file
            self.offset = offset
            self.length = length
        }
    }

    package var method: Method
    package var url: WebURL
    /// Goes to the URL's own host; of it only what is harmless goes on to another.
    package var headers: HTTPHeaders
    /// Goes to the URL's own scheme, host and port, and nowhere else.
    package var authorization: Authorization?
    package var body: Body
    /// Whether redirects are followed; a request with a body never is.
    package var followsRedirects = true
    /// How often it is made at most; nil for as often as the policy says.
    package var attempts: Int?
    /// Statuses that are an answer to this request though they are errors to others, such as 401.
    package var expectedStatuses: Set<Int> = []

    /// Asks for something.
    package init(
        _ method: Method = .get,
        _ url: WebURL,
        headers: HTTPHeaders = HTTPHeaders(),
        authorization: Authorization? = nil,
        body: Body = .none
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.authorization = authorization
        self.body = body
    }
}

/// What a server answered, without the body.
package struct HTTPResponse: Sendable {
    /// The status.
    package let status: Int
    /// The headers.
    package let headers: HTTPHeaders
    /// Where it came from, after all redirects.
    package let url: WebURL

    /// Whether the answer is what was asked for.
    package var succeeded: Bool { 200...299 ~= status }
}

/// An answer with its body.
package struct HTTPAnswer: Sendable {
    /// Status and headers.
    package let response: HTTPResponse
    /// The body.
    package let bytes: [UInt8]

    /// Joins an answer and its body.
    package init(response: HTTPResponse, bytes: [UInt8]) {
        self.response = response
        self.bytes = bytes
    }

    /// The status.
    package var status: Int { response.status }
    /// The headers.
    package var headers: HTTPHeaders { response.headers }
}
