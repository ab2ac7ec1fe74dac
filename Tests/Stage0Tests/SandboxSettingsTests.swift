import TestSupport
import Testing

@testable import Stage0

/// `sandbox.d/*.json` in the layers of configuration.
@Suite struct SandboxSettingsTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func write(_ layer: String, _ name: String, _ caps: String) throws {
        let text = #"{"rktKind":"sandbox","rktVersion":"v1","defaultCaps":"\#(caps)"}"#
        try scratch.write(text, to: "\(layer)/sandbox.d/\(name)")
    }

    private func settings() throws -> SandboxSettings {
        try SandboxSettings(directories: ["system", "local", "user"].map { scratch($0) })
    }

    @Test func nothingIsFine() throws { #expect(try !settings().isStrict) }

    @Test func aLaterLayerWins() throws {
        try write("system", "a.json", "strict")
        #expect(try settings().isStrict)
        try write("user", "a.json", "image")
        #expect(try !settings().isStrict)
    }

    @Test func onlyJSONFilesCount() throws {
        try write("local", "a.txt", "strict")
        #expect(try !settings().isStrict)
    }

    @Test func twiceInOneLayerIsAnError() throws {
        try write("local", "a.json", "strict")
        try write("local", "b.json", "strict")
        #expect(reason { _ = try settings() }.contains("is set twice"))
    }

    @Test(arguments: [
        #"{"rktKind":"paths","rktVersion":"v1"}"#, #"{"rktKind":"sandbox","rktVersion":"v2"}"#,
        #"{"rktKind":"sandbox","rktVersion":"v1","defaultCaps":"none"}"#, "{", "",
    ])
    func whatMeansNothingIsAnError(text: String) throws {
        try scratch.write(text, to: "local/sandbox.d/a.json")
        #expect(reason { _ = try settings() }.contains("a.json"))
    }
}
