import Linux
import TestSupport
import Testing
import Trust

@testable import ImageStorage

@Suite struct ProtocolTests {
    @Test func eventsComeBackFromTheirLines() throws {
        let events: [FetchEvent] = [
            .progress(done: 1, total: 2), .warning("left out \"x\"\n"), .failed("no\u{1B}[2J"),
            .stored(try imageID("01")),
        ]
        for event in events {
            let line = event.line
            #expect(line.last == "\n")
            #expect(FetchEvent(line: line.utf8.dropLast()) == event)
        }
    }

    @Test func longTextStillFitsALine() {
        let text = String(repeating: "\u{1}", count: 10_000)
        #expect(FetchEvent.failed(text).line.utf8.count <= FetchEvent.lengthLimit)
    }

    @Test(arguments: ["", "{}", "{\"done\":-1,\"total\":2}", "{\"stored\":\"../../x\"}", "[1]"])
    func anythingElseIsNoEvent(line: String) {
        #expect(FetchEvent(line: line.utf8) == nil)
    }

    @Test func requestComesBackFromItsArgument() {
        let request = FetchRequest(
            kind: .ociArchive,
            path: "/tmp/a b\"c",
            tag: "x",
            allowsUnsigned: true,
            keystore: Keystore(systemConfiguration: "/a", localConfiguration: "/b"),
            hasSignature: true
        )
        #expect(FetchRequest(argument: request.argument) == request)
        #expect(FetchRequest(argument: "--help") == nil)
    }

    @Test func changedFileIsNotRecognised() throws {
        let store = try TestStore()
        let id = try imageID("01")
        try store.add(id, layers: [try layerID("11")])
        let path = try store.scratch.write("one", to: "image.aci")
        func source(_ kind: FetchRequest.Kind = .aci) throws -> ImageSource {
            try ImageSource(Descriptor.open(path), as: kind, tag: nil)
        }
        try store.open().remember(source(), as: id)
        #expect(try store.image(from: source())?.id == id)
        #expect(try store.image(from: source(.dockerArchive)) == nil)
        try Descriptor.open(path, [.writeOnly, .append]).write([0x21])
        #expect(try store.image(from: source()) == nil)
    }

    @Test(arguments: [
        ("sha256-" + String(repeating: "a", count: 64), true),
        ("sha512-" + String(repeating: "a", count: 64), true),
        ("sha512-" + String(repeating: "a", count: 128), true),
        ("sha256-" + String(repeating: "a", count: 128), false),
        ("sha256-" + String(repeating: "A", count: 64), false),
        ("sha256-..", false), ("sha1-" + String(repeating: "a", count: 40), false), ("", false),
    ])
    func layerNamesAreDigestsOnly(text: String, isValid: Bool) {
        #expect((LayerID(text) != nil) == isValid)
    }
}
