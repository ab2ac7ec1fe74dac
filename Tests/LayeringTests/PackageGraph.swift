import Foundation
import JSON
import TestSupport

/// The package as SwiftPM describes it, and its sources.
struct PackageGraph {
    /// A target with what it depends on and where it lies.
    struct Target {
        let name: String
        let path: String
        let dependencies: [String]
    }

    let targets: [String: Target]

    /// Asks SwiftPM, in a folder of its own so that it doesn't wait for the build that runs the tests.
    static let current = Result { try PackageGraph() }

    private init() throws {
        let scratch = try Scratch()
        let text = try tool(
            "swift",
            "package",
            "--package-path",
            Rkt.packageDirectory,
            "--scratch-path",
            scratch("build"),
            "dump-package"
        )
        let json = try JSON.parse(Array(text.utf8))
        var targets: [String: Target] = [:]
        for entry in json["targets"]?.array ?? [] {
            guard let name = entry["name"]?.string else { continue }
            let path = entry["path"]?.string ?? "Tests/\(name)"
            let dependencies = (entry["dependencies"]?.array ?? []).compactMap { dependency in
                (dependency["byName"] ?? dependency["target"])?.array?.first?.string
            }
            targets[name] = Target(name: name, path: path, dependencies: dependencies)
        }
        self.targets = targets
    }

    /// Everything a program is linked from, itself included.
    func closure(of program: String) -> Set<String> {
        var (found, waiting): (Set<String>, [String]) = ([], [program])
        while let name = waiting.popLast() {
            guard found.insert(name).inserted else { continue }
            waiting += targets[name]?.dependencies ?? []
        }
        return found
    }

    /// The Swift files of a target, with what is in them.
    func sources(of target: String) -> [(path: String, text: String)] {
        guard let path = targets[target]?.path else { return [] }
        return Self.files(below: path).filter { $0.path.hasSuffix(".swift") }
    }

    /// The text files below a path of the package.
    static func files(below path: String) -> [(path: String, text: String)] {
        let root = "\(Rkt.packageDirectory)/\(path)"
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: root)) ?? []
        return names.sorted().compactMap { name in
            File.read("\(root)/\(name)").map { ("\(path)/\(name)", $0) }
        }
    }

    /// The modules a source file imports.
    static func imports(_ text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard let index = words.firstIndex(of: "import"), index < 2, words.count > index + 1
            else { return nil }
            guard
                index == 0 || ["package", "public", "internal", "private"].contains(words[0])
                    || words[0].hasPrefix("@")
            else { return nil }
            return words.last.map { String($0.prefix { $0 != "." }) }
        }
    }
}
