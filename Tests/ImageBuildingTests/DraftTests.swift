import AppContainer
import ImageStorage
import JSON
import OCI
import Testing

@testable import ImageBuilding

@Suite struct DraftTests {
    private static let layer = LayerID("sha256-" + String(repeating: "0", count: 64))

    private func draft(_ format: ImageFormat) throws -> ImageDraft {
        ImageDraft(format, layer: try #require(Self.layer))
    }

    @Test(arguments: ImageFormat.allCases)
    func aDraftIsWrittenAndReadAgain(_ format: ImageFormat) throws {
        var draft = try draft(format)
        try draft.setExec(["/bin/x", "a b"])
        try draft.setVariable("A", "1")
        try draft.addLabel("version", "2")
        try draft.addAnnotation("authors", "me")
        try draft.addMount("data", "/data", isReadOnly: false)
        try draft.addPort("www", "tcp", "80", count: 1, isSocketActivated: false)
        try draft.setUser("1000")
        try draft.setGroup("7")
        try draft.addHistory(["copy", "a", "b"], changesFiles: true, date: SourceDate(seconds: 0))
        let again = try ImageDraft(parsing: draft.json.encodedBytes())
        #expect(again.json == draft.json)
        #expect(again.layers == draft.layers)
    }

    @Test func whatHasNoPlaceInOCIIsRefused() throws {
        var draft = try draft(.oci)
        #expect(throws: BuildError.self) { try draft.setEventHandler("pre-start", ["/x"]) }
        #expect(throws: BuildError.self) { try draft.setSupplementaryGroups(["1"]) }
        #expect(throws: BuildError.self) { try draft.addMount("a", "/a", isReadOnly: true) }
        #expect(throws: BuildError.self) { try draft.removeDependency("a") }
    }

    @Test func anElementIsReplacedInItsPlaceAndLabelsMoveToTheEnd() throws {
        var draft = try draft(.appc)
        try draft.setVariable("A", "1")
        try draft.setVariable("B", "2")
        try draft.setVariable("A", "3")
        try draft.addLabel("arch", "amd64")
        guard case .appc(let manifest) = draft.content else { return }
        #expect(manifest.app?.environment.map(\.value) == ["3", "2"])
        #expect(manifest.labels.map(\.name.text) == ["os", "arch"])
    }

    @Test(arguments: [
        ("name", "Example.com"), ("user", "4294967295"), ("wd", "relative"), ("port", "65536"),
        ("label", "sparc64"), ("group", ""),
    ])
    func whatNoReaderTakesIsRefused(_ kind: String, _ value: String) throws {
        var draft = try draft(.appc)
        #expect(throws: BuildError.self) {
            switch kind {
            case "name": try draft.setName(value)
            case "user": try draft.setUser(value)
            case "group": try draft.setGroup(value)
            case "wd": try draft.setWorkingDirectory(value)
            case "label": try draft.addLabel("arch", value)
            default: try draft.addPort("a", "tcp", value, count: 1, isSocketActivated: false)
            }
        }
    }

    @Test func userAndGroupShareAMemberInOCI() throws {
        var draft = try draft(.oci)
        try draft.setGroup("g")
        try draft.setUser("u")
        guard case .oci(let content) = draft.content else { return }
        #expect(content.configuration.execution.user == "u:g")
    }

    @Test(arguments: [
        ("plain", "\"plain\""), ("a\"b\\", "\"a\\\"b\\\\\""), ("\n\u{1}", "\"\\n\\x01\""),
        ("é", "\"é\""), ("\u{200B}", "\"\\u200b\""),
    ])
    func argumentsAreQuotedAsGoDoes(_ text: String, _ expected: String) {
        #expect(goQuoted(text) == expected)
    }

    @Test func aDateIsWrittenAsRFC3339() {
        #expect(SourceDate(seconds: 1_000_000_000).created == "2001-09-09T01:46:40Z")
    }
}
