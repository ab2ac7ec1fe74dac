import TestSupport
import Testing

/// What may depend on what, held by looking at the package.
@Suite struct Layering {
    let graph: PackageGraph

    init() throws { graph = try PackageGraph.current.get() }

    static let groups = ["Kernel", "Formats", "Images", "Pods", "Building", "Programs"]

    private func group(of target: String) -> String? {
        guard let path = graph.targets[target]?.path else { return nil }
        return Self.groups.first { path.hasPrefix("Sources/\($0)/") }
    }

    @Test(arguments: ["rkt", "stage1"])
    func whatIsOnTheStartPathIsSmall(_ program: String) {
        let banned: Set = [
            "Foundation", "FoundationEssentials", "FoundationNetworking", "Dispatch",
            "Synchronization", "_Concurrency", "Distributed", "NIO", "NIOCore", "NIOPosix",
        ]
        let closure = graph.closure(of: program)
        #expect(closure.contains(program) && closure.count > 1)
        for target in closure {
            for (path, text) in graph.sources(of: target) {
                let found = banned.intersection(PackageGraph.imports(text))
                #expect(found.isEmpty, "\(path) imports \(found.sorted().joined(separator: ", "))")
                let usesTasks = text.contains(" async ") || text.contains("await ")
                #expect(!usesTasks, "\(path) uses Swift concurrency")
            }
        }
    }

    @Test func whatIsOnTheStartPathParsesNothingFromOutside() {
        let closure = graph.closure(of: "rkt").union(graph.closure(of: "stage1"))
        for target in ["Fetching", "Unpacking", "Compression", "CCompression", "Archives"] {
            #expect(!closure.contains(target), "rkt links \(target)")
        }
    }

    @Test func formatsAndKernelKnowNothingOfEachOther() {
        for name in graph.targets.keys {
            let closure = graph.closure(of: name).compactMap { group(of: $0) }
            if group(of: name) == "Formats" { #expect(!closure.contains("Kernel"), "\(name)") }
            if group(of: name) == "Kernel" { #expect(!closure.contains("Formats"), "\(name)") }
        }
    }

    @Test func groupsImportOnlyDownwards() {
        for (name, target) in graph.targets {
            guard let own = group(of: name).flatMap(Self.groups.firstIndex) else { continue }
            for dependency in target.dependencies {
                let other = group(of: dependency).flatMap(Self.groups.firstIndex)
                #expect((other ?? 0) <= own, "\(name) depends on \(dependency), which is above it")
            }
        }
    }

    @Test func onlyTheWrappersImportTheCLibrary() {
        let libraries: Set = ["Glibc", "Musl"]
        let allowed = [
            "Sources/Kernel/Linux/", "Sources/TestSupport/", "Sources/Images/Compression/",
        ]
        for name in graph.targets.keys where group(of: name) != nil {
            for (path, text) in graph.sources(of: name)
            where !allowed.contains(where: path.hasPrefix) {
                let found = libraries.intersection(PackageGraph.imports(text))
                #expect(found.isEmpty, "\(path) imports the C library")
            }
        }
    }

    @Test func unsafeCodeHasItsPlaces() {
        let allowed = [
            "Sources/Kernel/", "Sources/Images/Compression/", "Sources/Images/Transfers/Connection",
            "Sources/Pods/Stage1/",
            "Sources/TestSupport/",
        ]
        let word = /\bunsafe\b/
        for (path, text) in PackageGraph.files(below: "Sources")
        where path.hasSuffix(".swift") && !allowed.contains(where: path.hasPrefix) {
            let code = text.split(separator: "\n").filter {
                !$0.drop { $0 == " " }.hasPrefix("//") && !$0.contains("\"")
            }
            #expect(!code.contains { $0.contains(word) }, "\(path) has unsafe code")
        }
    }

    @Test func theStackStaysTestable() {
        let programs: Set = ["rkt", "acbuild", "rkt-fetcher", "stage1", "probe"]
        for (name, target) in graph.targets where target.path.hasPrefix("Sources/") {
            guard group(of: name) != nil, !name.hasPrefix("C") || name == "Cgroups",
                !programs.contains(name)
            else { continue }
            guard name != "Commands" || graph.targets["CommandsTests"] == nil else { continue }
            #expect(graph.targets["\(name)Tests"] != nil, "\(name) has no tests")
        }
    }
}
