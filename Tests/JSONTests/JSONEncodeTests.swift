import JSON
import Testing

struct JSONEncodeTests {
    private static let written: [(JSON, String)] = [
        (JSON.null, "null"),
        ([], "[]"),
        ([:], "{}"),
        ([1, true, "x", .number("1.50")], #"[1,true,"x",1.50]"#),
        (["z": 1, "a": [2]], #"{"z":1,"a":[2]}"#),
        ("<a&b>", #""\u003ca\u0026b\u003e""#),
        ("\u{2028}\u{2029}\u{1}\u{8}\u{7F}é😀", "\"\\u2028\\u2029\\u0001\\u0008\u{7F}é😀\""),
        ("\"\\/\n\r\t", #""\"\\/\n\r\t""#),
    ]

    @Test(arguments: written)
    func textIsWhatGoWrites(value: JSON, text: String) {
        #expect(value.encoded() == text)
    }

    @Test
    func prettyTextIsIndented() {
        let value: JSON = ["a": [1, [:]], "b": [], "c": ["d": .null]]
        #expect(
            value.encoded(.spaces(4)) == """
                {
                    "a": [
                        1,
                        {}
                    ],
                    "b": [],
                    "c": {
                        "d": null
                    }
                }
                """
        )
        #expect(JSON.array([1]).encoded(.tabs) == "[\n\t1\n]")
    }
}
