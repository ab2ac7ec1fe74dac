import JSON
import TestSupport
import Testing

struct JSONParseTests {
    private static let valid: [(String, JSON)] = [
        ("null", JSON.null),
        (" true ", true),
        ("\n[]\t", []),
        ("{}", [:]),
        ("-0", 0),
        ("9223372036854775807", .integer(.max)),
        ("-9223372036854775808", .integer(.min)),
        ("9223372036854775808", .number("9223372036854775808")),
        ("80.0", .number("80.0")),
        ("1e3", .number("1e3")),
        ("-1.5E+2", .number("-1.5E+2")),
        (#""a\"\\\/\b\f\n\r\tz""#, "a\"\\/\u{8}\u{C}\n\r\tz"),
        (#""\u00e9\ud83d\ude00""#, "é😀"),
        (#"{"b":[1,{"c":null}],"a":"x"}"#, ["b": [1, ["c": .null]], "a": "x"]),
        (#"{"a":1,"A":2}"#, ["a": 1, "A": 2]),
    ]

    @Test(arguments: valid)
    func validDocumentIsRead(text: String, value: JSON) throws {
        #expect(try JSON.parse(text) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "truex", "[1,]", "{\"a\":1,}", "[1 2]", "{\"a\" 1}", "{a:1}", "{\"a\":1",
        "[", "\"",
        "01", "-", "1.", ".5", "1e", "+1", "0x1", "NaN", "1 2", "{} {}", "[]]", "'a'", "\u{FEFF}{}",
        "\"\t\"", "\"a\nb\"", #""\x""#, #""\u12""#, #""\u12g4""#, #""\u0000""#, "\"\0\"",
        #""\ud800""#, #""\ud800x""#, #""\ud800\u0041""#, #""\udc00""#, #""\udc00\ud800""#,
        #"{"a":1,"a":2}"#, #"{"a":1,"\u0061":2}"#, "// c\n1", "\u{C}1",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(throws: JSONError.self) { try JSON.parse(text) }
    }

    @Test(
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
            [0x22, 0xE2, 0x82, 0x22],
            [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22],
        ] as [[UInt8]]
    )
    func invalidUTF8IsRefused(bytes: [UInt8]) {
        #expect(throws: JSONError.notUTF8) { try JSON.parse(bytes) }
    }

    @Test
    func nestingEndsAtTheLimit() throws {
        let deepest = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        _ = try JSON.parse(deepest)
        #expect(throws: JSONError.tooDeep(offset: 64)) { try JSON.parse("[\(deepest)]") }
        #expect(throws: JSONError.self) {
            try JSON.parse(String(repeating: "{\"a\":", count: 100_000))
        }
    }

    @Test
    func documentLongerThanTheLimitIsRefused() throws {
        _ = try JSON.parse("[1]", limit: 3)
        #expect(throws: JSONError.tooLarge(limit: 2)) { try JSON.parse("[1]", limit: 2) }
    }

    @Test
    func duplicateIsFoundInALargeObjectToo() throws {
        let members = (0..<100).map { "\"n\($0)\":0" }
        _ = try JSON.parse("{\(members.joined(separator: ","))}")
        for repeated in [0, 11, 12, 50, 99] {
            let text = "{\((members + [members[repeated]]).joined(separator: ","))}"
            #expect(throws: JSONError.self) { try JSON.parse(text) }
        }
    }

    @Test
    func mutatedDocumentsNeitherTrapNorHang() throws {
        let seeds = [
            #"{"acKind":"ImageManifest","n":[-12,1.5e9,true,null],"s":"\u00e9\ud83d\ude00\\"}"#,
            #"[[[{"a":{"b":[]}}]],"x",0,9223372036854775807]"#,
        ]
        var random = SeededGenerator(seed: 1)
        for seed in seeds {
            for _ in 0..<20_000 {
                let bytes = mutated(Array(seed.utf8), using: &random)
                guard let value = try? JSON.parse(bytes) else { continue }
                #expect(try JSON.parse(value.encodedBytes(.tabs)) == value)
            }
        }
    }
}
