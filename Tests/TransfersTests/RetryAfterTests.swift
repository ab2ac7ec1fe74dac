import Testing

@testable import Transfers

@Suite struct RetryAfterTests {
    @Test(
        arguments: [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
            ("Tue, 29 Feb 2000 23:59:60 GMT", 951_868_800),
            ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400),
            ("Thu, 31 Dec 2026 00:00:01 GMT", 1_798_675_201),
        ] as [(String, Int64)]
    )
    func datesAreRead(_ text: String, _ seconds: Int64) {
        #expect(HTTPDate(text)?.seconds == seconds)
    }

    @Test(arguments: [
        "", "tomorrow", "06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT",
        "Sun, +6 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
    ])
    func whatIsNoDateIsNone(_ text: String) {
        #expect(HTTPDate(text) == nil)
    }

    /// By the server's own clock, which needn't be ours.
    @Test(
        arguments: [
            ("7", nil, 7), ("-7", nil, 0), ("soon", nil, 30),
            ("Sun, 06 Nov 1994 08:50:00 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", 23),
            ("Sun, 06 Nov 1994 08:49:00 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", 0),
            ("Sun, 06 Nov 1994 08:49:37 GMT", nil, 0),
        ] as [(String, String?, Int64)]
    )
    func theTimeThatAServerAsksFor(_ text: String, _ date: String?, _ seconds: Int64) {
        var headers: HTTPHeaders = ["Retry-After": text]
        if let date { headers.append("Date", date) }
        #expect(headers.retryAfter == seconds)
    }
}
