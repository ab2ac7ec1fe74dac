import TestSupport
import Testing

/// What the project says about itself, in its documents.
@Suite struct Manuals {
    static let verbs = [
        "run", "prepare", "run-prepared", "list", "status", "stop", "rm", "gc", "enter", "logs",
        "cat-manifest", "fetch", "image", "network", "trust", "config", "version", "help",
    ]

    @Test(arguments: verbs) func everyVerbHasItsPage(_ verb: String) {
        let page = File.read("\(Rkt.packageDirectory)/Documentation/commands/\(verb).md") ?? ""
        #expect(page.hasPrefix("# rkt \(verb)\n"))
        #expect(page.contains("\n## Example\n"))
    }

    @Test func documentsNameNoPathOfOneMachine() {
        let files =
            PackageGraph.files(below: "Documentation")
            + ["README.md", "CONTRIBUTING.md", "Makefile"].compactMap { name in
                File.read("\(Rkt.packageDirectory)/\(name)").map { (name, $0) }
            }
        #expect(files.count > 10)
        let home = Rkt.packageDirectory
        for (path, text) in files {
            #expect(!text.contains(home + "/"), "\(path) names this checkout")
            #expect(!text.contains("/work" + "/"), "\(path) names a directory of one machine")
        }
    }

    @Test func localLinksLeadSomewhere() {
        let link = /\]\(([^)#:]+)(#[^)]*)?\)/
        for (path, text) in PackageGraph.files(below: "Documentation") where path.hasSuffix(".md") {
            let directory = path.split(separator: "/").dropLast().joined(separator: "/")
            for match in text.matches(of: link) {
                let target = "\(Rkt.packageDirectory)/\(directory)/\(match.1)"
                #expect(File.exists(target), "\(path) links to \(match.1)")
            }
        }
    }
}
