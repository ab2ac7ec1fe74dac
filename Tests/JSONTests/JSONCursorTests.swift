import JSON
import Testing

struct JSONCursorTests {
    private let document = JSONCursor(
        [
            "environment": [["name": "A"], ["name": 7]], "Port": 80, "none": .null,
            "big": .number("1e3"),
        ],
        named: "app"
    )

    @Test
    func complaintNamesThePlace() throws {
        let element = try document.required("environment").elements()[1]
        let error = #expect(throws: JSONError.self) { try element.required("name").string() }
        #expect(error?.description == "app.environment[1].name: not a string")
    }

    @Test
    func missingMemberIsNamed() {
        #expect(throws: JSONError.missing(path: "app.exec")) { try document.required("exec") }
    }

    @Test
    func nullReadsAsAbsent() throws {
        #expect(try document.optional("none")?.value == nil)
        #expect(throws: JSONError.missing(path: "app.none")) { try document.required("none") }
        #expect(document.value["none"] == nil)
    }

    @Test
    func memberIsFoundWhateverItsCaseAsInGo() throws {
        #expect(try document.required("port").integer(Int.self) == 80)
        #expect(document.value["port"] == nil)
    }

    @Test
    func membersThatDifferOnlyInCaseAreRefused() {
        let value: JSON = ["digest": "a", "Digest": "b"]
        #expect(throws: JSONError.ambiguous(path: "", names: ["digest", "Digest"])) {
            try JSONCursor(value).required("digest")
        }
    }

    @Test
    func integersAreRangeChecked() throws {
        let port = try document.required("port")
        #expect(try port.integer(in: 1...80) == 80)
        #expect(throws: JSONError.self) { try port.integer(in: 81...90) }
        #expect(throws: JSONError.self) { try JSONCursor(300).integer(UInt8.self) }
        #expect(throws: JSONError.self) { try JSONCursor(-1).integer(UInt32.self) }
        #expect(throws: JSONError.self) { try document.required("big").integer(Int.self) }
    }
}
