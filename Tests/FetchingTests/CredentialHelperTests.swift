import TestSupport
import Testing

@testable import Fetching

@Suite struct CredentialHelperTests {
    /// It may wait for somebody who never comes, or leave something behind that holds its output open.
    @Test(arguments: ["sleep 600", "exec >&-; sleep 600", "while :; do echo x; sleep 0.01; done"])
    func aHelperThatHangsEnds(_ script: String) throws {
        let scratch = try Scratch()
        try scratch.write(
            "#!/bin/sh\n\(script)\n",
            to: "docker-credential-slow",
            mode: 0o755
        )
        let helper = try CredentialHelper("slow", in: [scratch.path], milliseconds: 300)
        do {
            _ = try helper.login(for: "example.com")
            Issue.record("it has an answer")
        } catch {
            #expect("\(error)".contains("gave no answer"), "\(error)")
        }
    }

    @Test(arguments: ["", "..", "a/b", "a b", ".hidden", "a;b"])
    func aNameThatIsAPathIsNone(_ name: String) {
        #expect(throws: (any Error).self) { try CredentialHelper(name) }
    }
}
