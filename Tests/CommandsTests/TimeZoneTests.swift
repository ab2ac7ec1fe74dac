import Linux
import TestSupport
import Testing

@testable import Commands

/// Times of the user's own zone, against what the C library says of the same.
@Suite struct TimeZoneTests {
    private static let times: [Int64] = [
        -3_000_000_000, 0, 500_000_000, 1_711_846_799, 1_711_846_800, 1_729_990_799, 1_729_990_800,
        1_795_532_637, 4_100_000_000, 9_000_000_000,
    ]

    private func told(_ seconds: Int64, _ zone: String) throws -> String {
        let arguments = ["env", "TZ=\(zone)", "date", "-d", "@\(seconds)"]
        let text = try Execution(["/usr/bin/env"] + arguments.dropFirst() + ["+%Y-%m-%d %T %z %Z"])
        return text.finished().text
    }

    @Test(arguments: [
        "CET-1CEST,M3.5.0,M10.5.0/3", "EST5EDT", "UTC0", "<+0330>-3:30",
        "AEST-10AEDT,M10.1.0,M4.1.0/3",
        "XXX3YYY,J60/0,J300/12:30:15", "XXX3YYY2,59,299/-1", "IST-2IDT,M3.4.4/26,M10.5.0",
    ])
    func rulesAreFollowedAsTheCLibraryDoes(_ text: String) throws {
        let zone = TimeZoneRules(rule: try #require(ZoneRule(text)))
        for seconds in Self.times {
            let time = Time(seconds: seconds, nanoseconds: 0)
            #expect(try time.full(in: zone) == told(seconds, text), "\(text) \(seconds)")
        }
    }

    @Test(
        .enabled(if: File.exists("/usr/share/zoneinfo/Europe/Berlin"), "needs tzdata"),
        arguments: [
            "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe",
            "America/Sao_Paulo", "Africa/Casablanca", "Pacific/Apia", "UTC", "Europe/Dublin",
        ]
    )
    func zoneFilesAreReadAsTheCLibraryDoes(_ name: String) throws {
        let file = try #require(File.data("/usr/share/zoneinfo/\(name)"))
        let zone = try #require(TimeZoneRules(file: Array(file)))
        for seconds in Self.times {
            let time = Time(seconds: seconds, nanoseconds: 0)
            // Local mean time is told to the second here and cut to the minute there.
            guard zone.offset(at: seconds).name != "LMT" else { continue }
            #expect(try time.full(in: zone) == told(seconds, name), "\(name) \(seconds)")
        }
    }

    @Test(arguments: [
        "", "x", "CET", "CET-", "CET-1CEST,", "CET-1CEST,M13.1.0,M1.1.0", "CET-1CEST,M3.5.0",
        "CET-999",
        "CET-1CEST,M3.5.0,M10.5.0/3x", "<\u{1B}[2J>0", "<ab", "CET1:60",
    ])
    func whatIsNoRuleIsRefused(_ text: String) { #expect(ZoneRule(text) == nil) }

    @Test func damagedZoneFilesNeitherTrapNorHang() throws {
        let file = File.data("/usr/share/zoneinfo/Europe/Berlin") ?? File.data("/etc/localtime")
        guard let file else { return }
        var random = SeededGenerator(seed: 11)
        for _ in 0..<3000 {
            guard let zone = TimeZoneRules(file: mutated(Array(file), using: &random)) else {
                continue
            }
            for seconds in Self.times { _ = Time(seconds: seconds, nanoseconds: 0).full(in: zone) }
        }
        for count in [0, 4, 43, 44, 100] {
            #expect(TimeZoneRules(file: Array(file.prefix(count))) == nil)
        }
    }
}
