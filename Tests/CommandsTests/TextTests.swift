import JSON
import Linux
import PodLifecycle
import Testing

@testable import Commands

@Suite struct TextTests {
    @Test func columnsAreAlignedByTabs() {
        var table = Table()
        table.append(["UUID", "A", ""])
        table.append(["12345678", "", "x"])
        #expect(table.text == "UUID\t\tA\t\n12345678\t\tx\n")
    }

    @Test func namesCannotBreakATable() {
        var table = Table()
        table.append(["a\tb\nc", "\u{1B}[2J", "\u{202E}x", "\u{9B}1m", "\u{FC}"])
        #expect(table.text == "a\\tb\\nc\t\\u{1B}[2J\t\\u{202E}x\t\\u{009B}1m\t\u{FC}\n")
    }

    @Test func documentsStayTheSameWithoutControlCharacters() throws {
        let json: JSON = ["a\u{9B}": "\u{202E}\u{E0001}\u{7F}\u{FC}\n"]
        let text = json.printable(.compact)
        #expect(text == #"{"a\u009b":"\u202e\udb40\udc01\u007f\#u{FC}\n"}"#)
        #expect(try JSON.parse(text) == json)
    }

    @Test func everyLineOfAnErrorNamesItsCommand() {
        #expect(Context.lines("a\nb\u{7}", by: "rm") == "rm: a\nrm: b\\u{07}\n")
    }

    @Test(arguments: [
        (Int64(0), "now"), (-5, "now"), (1, "1 second ago"), (59, "59 seconds ago"),
        (60, "1 minute ago"), (119, "1 minute ago"), (7200, "2 hours ago"), (86_400, "1 day ago"),
        (604_800, "1 week ago"), (2_592_000, "1 month ago"), (40_000_000, "1 year ago"),
    ])
    func timesAreToldInTheLargestUnit(_ seconds: Int64, _ text: String) {
        let now = Time(seconds: 2_000_000_000, nanoseconds: 0)
        let time = Time(seconds: now.seconds - seconds, nanoseconds: 0)
        #expect(time.ago(from: now) == text)
    }

    @Test func fullTimesHaveGosLayout() {
        let time = Time(seconds: 1_795_532_637, nanoseconds: 250_999_999)
        #expect(time.full(in: .utc) == "2026-11-24 15:03:57.25 +0000 UTC")
        let whole = Time(seconds: 0, nanoseconds: 999_999)
        #expect(whole.full(in: .utc) == "1970-01-01 00:00:00 +0000 UTC")
    }

    @Test(arguments: [
        ("0", Duration.zero, "0s"), ("30m", .seconds(1800), "30m0s"),
        ("1h30m", .seconds(5400), "1h30m0s"), ("1.5s", .milliseconds(1500), "1s"),
        ("200ms", .milliseconds(200), "0s"), ("24h", .seconds(86_400), "24h0m0s"),
    ])
    func durationsAreReadAsGoDoes(_ text: String, _ duration: Duration, _ written: String) {
        #expect(Duration(goText: text) == duration)
        #expect(Duration(goText: text)?.goText == written)
    }

    @Test(arguments: ["", "5", "s", "-5s", "5 s", "1e3s", "5d", "99999999999h", ".s", "1..5s"])
    func whatIsNoDurationIsRefused(_ text: String) {
        #expect(Duration(goText: text) == nil)
    }

    @Test func waitsAreCutToWhatTheKernelTakes() {
        #expect(Duration.seconds(1_000_000_000).milliseconds == .max)
        #expect(Duration.milliseconds(1500).milliseconds == 1500)
    }
}
