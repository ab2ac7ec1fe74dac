import Foundation
import TestSupport
import Testing

extension Functional {
    /// The examples in the manual do what they show.
    @Suite struct DocumentationExamples {
        static let pages = File.list("\(Rkt.packageDirectory)/Documentation/commands")
            .filter { $0.hasSuffix(".md") }

        /// Every line `$ …` below a heading "Example" succeeds, in order, in one shell.
        @Test(arguments: pages) func examplesRun(_ page: String) throws {
            let text = File.read("\(Rkt.packageDirectory)/Documentation/commands/\(page)") ?? ""
            let commands = Self.commands(in: text)
            #expect(!commands.isEmpty, "\(page) has no example")
            let rkt = try Rkt.withBusybox()
            try tool("cp", try SharedFiles.busyboxACI.get(), rkt.scratch("busybox.aci"))
            let lines = commands.map { command in
                command.hasSuffix("&") ? command : "\(command) || { echo \"failed: $?\"; exit 1; }"
            }
            let wrapper = """
                cd '\(rkt.scratch.path)'
                rkt() { '\(Rkt.program)' --dir='\(rkt.data)' "$@"; }
                acbuild() { '\(Builder.program)' --dir='\(rkt.data)' "$@"; }
                \(lines.joined(separator: "\n"))
                wait
                """
            let outcome = try Execution([
                "/usr/bin/unshare", "--net", "/bin/bash", "-c", wrapper,
            ]).finished(within: 60)
            #expect(outcome.succeeded, "\(page): \(outcome)")
        }

        private static func commands(in text: String) -> [String] {
            var (isExample, isFenced): (Bool, Bool) = (false, false)
            var commands: [String] = []
            for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
                if line.hasPrefix("#") && !isFenced { isExample = line.hasSuffix("Example") }
                if line.hasPrefix("```") { isFenced = line.hasPrefix("```console") && isExample }
                if isFenced && line.hasPrefix("$ ") { commands.append(String(line.dropFirst(2))) }
            }
            return commands
        }
    }
}
