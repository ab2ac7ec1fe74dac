import Linux
import PodLifecycle
import Testing

@Suite struct CivilTimeTests {
    @Test(arguments: [
        (Int64(0), Int64(1970), Int64(1), Int64(1)), (951_782_400, 2000, 2, 29),
        (1_795_478_400, 2026, 11, 24), (-86_400, 1969, 12, 31), (4_107_542_400, 2100, 3, 1),
    ])
    func daysAreCountedAsTheCalendarDoes(
        _ seconds: Int64,
        _ year: Int64,
        _ month: Int64,
        _ day: Int64
    ) {
        let civil = CivilTime(year: year, month: month, day: day)
        #expect(CivilTime(seconds) == civil)
        #expect(civil.seconds == seconds)
    }

    @Test(arguments: [
        "", "2026-11-24", "2026-11-24T15:03Z", "2026-11-24T15:03:57", "2026-11-24T24:03:57Z",
        "2026-11-24T15:03:57.Z", "2026-11-24T15:03:57Zx", "+026-11-24T15:03:57Z",
        "2026-11-24T15:03:57+1:00",
    ])
    func whatIsNoTimeIsRefused(_ text: String) {
        #expect(Time(rfc3339: text.utf8) == nil)
    }

    @Test func fractionsHaveAnyNumberOfDigits() {
        #expect(Time(rfc3339: "1970-01-01T00:00:01.5Z".utf8)?.nanoseconds == 500_000_000)
        #expect(Time(rfc3339: "1970-01-01T00:00:01.1234567899Z".utf8)?.nanoseconds == 123_456_789)
    }
}
