import AppContainer
import JSON
import References
import Testing

@testable import ImageStorage

/// In which order images lie over their dependencies, and what is refused; no file is touched.
@Suite struct AssemblyTests {
    /// Images by name; each depends on others by name, and may list paths.
    fileprivate struct Shelf {
        var images: [String: StoredImage] = [:]

        init(_ images: KeyValuePairs<String, [String]>, lists: [String: [String]] = [:]) throws {
            for (name, dependencies) in images {
                let name = try LabelledName(name)
                let manifest = ImageManifest(
                    name: name.name,
                    labels: name.labels,
                    dependencies: try dependencies.map {
                        let name = try LabelledName($0)
                        return Dependency(imageName: name.name, labels: name.labels)
                    },
                    pathWhitelist: lists[name.displayName] ?? []
                )
                let id = try imageID(String(self.images.count + 10))
                self.images[name.displayName] = StoredImage(
                    id: id,
                    names: [name],
                    layers: [LayerID(of: id)],
                    size: 0,
                    importTime: 0,
                    manifest: manifest.json
                )
            }
        }

        func assembly(_ name: String) throws -> ImageAssembly {
            let top = try #require(images[name])
            return try ImageAssembly(top) { (dependency) throws(FetchError) in
                let name = LabelledName(dependency.imageName, labels: dependency.labels)
                guard let image = images[name.displayName] else {
                    throw .unavailable(name.displayName)
                }
                return image
            }
        }

        /// The names of the parts from the top.
        func order(_ name: String) throws -> [String] {
            try assembly(name).parts.map { part in
                images.first { $0.value.layers == [part.layer] }?.key ?? "?"
            }
        }
    }

    @Test func laterDependenciesLieHigherWithAllTheyDependOn() throws {
        let shelf = try Shelf(["a": ["b", "c"], "b": [], "c": ["d"], "d": []])
        #expect(try shelf.order("a") == ["a", "c", "d", "b"])
    }

    @Test func whatStandsTwiceStandsWhereItIsHigher() throws {
        let shelf = try Shelf(["a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []])
        #expect(try shelf.order("a") == ["a", "c", "d", "b"])
        #expect(try shelf.assembly("a").dependencies.count == 3)
    }

    @Test func twoVersionsOfOneNameAreTwoImages() throws {
        let shelf = try Shelf(["a": ["b:1", "b:2"], "b:1": [], "b:2": []])
        #expect(try shelf.order("a") == ["a", "b:2", "b:1"])
    }

    @Test func circlesAreRefused() throws {
        let shelf = try Shelf(["a": ["b"], "b": ["c"], "c": ["b"], "s": ["s"]])
        for name in ["a", "s"] {
            do {
                _ = try shelf.assembly(name)
                Issue.record("no error")
            } catch AssemblyError.cycle(let names) {
                #expect(names.first == names.last)
            }
        }
    }

    @Test func depthAndNumberAreLimited() throws {
        var chain: [(String, [String])] = []
        for level in 0...40 { chain.append(("i\(level)", level < 40 ? ["i\(level + 1)"] : [])) }
        let shelf = try Shelf(
            images: chain,
            wide: (0..<300).map { ("w\($0)", []) } + [("wide", (0..<300).map { "w\($0)" })]
        )
        #expect(throws: AssemblyError.self) { try shelf.assembly("i0") }
        #expect(try shelf.order("i20").count == 21)
        #expect(throws: AssemblyError.self) { try shelf.assembly("wide") }
    }

    /// Each level depends twice on the next: a walk along every way would never end.
    @Test func manyWaysToOneImageAreWalkedOnce() throws {
        var images: [(String, [String])] = []
        for level in 0..<30 {
            images.append(("x\(level)", level < 29 ? ["x\(level + 1)", "y\(level + 1)"] : []))
            images.append(("y\(level)", level < 29 ? ["x\(level + 1)", "y\(level + 1)"] : []))
        }
        #expect(try Shelf(images: images, wide: []).order("x0").count == 59)
    }

    @Test func listsMakeATree() throws {
        let shelf = try Shelf(
            ["a": ["b", "c"], "b": [], "c": ["d"], "d": [], "p": ["d"]],
            lists: ["c": ["bin/sh", "/etc/./x/"]]
        )
        let assembly = try shelf.assembly("a")
        #expect(assembly.needsTree && assembly.tree.isTree)
        #expect(LayerID(assembly.tree.description) == assembly.tree)
        #expect(try !shelf.assembly("p").needsTree)
        // The list is C's own and D's, not B's beside it.
        let kept = Dictionary(
            uniqueKeysWithValues: zip(
                ["a", "c", "d", "b"],
                assembly.parts.map { part in
                    ["bin", "bin/sh", "bin/ls", "etc/x", "usr"].filter {
                        part.keeps(Array($0.utf8), isDirectory: !$0.hasPrefix("bin/"))
                    }
                }
            )
        )
        #expect(kept["a"]?.count == 5 && kept["b"]?.count == 5)
        #expect(kept["c"] == ["bin", "bin/sh", "etc/x", "usr"])
        #expect(kept["d"] == ["bin", "bin/sh", "etc/x"])
    }

    @Test func aTreesNameSaysWhatIsInIt() throws {
        let one = try Shelf(["a": ["b", "c"], "b": [], "c": []], lists: ["a": ["x"]])
        let other = try Shelf(["a": ["c", "b"], "b": [], "c": []], lists: ["a": ["x"]])
        #expect(try one.assembly("a").tree == one.assembly("a").tree)
        #expect(try one.assembly("a").tree != other.assembly("a").tree)
    }

    @Test func aTreesNameIsADigest() {
        let name = LayerID(tree: [UInt8](repeating: 0xAB, count: 32)).description
        #expect(name == "tree-sha256-" + String(repeating: "ab", count: 32))
    }
}

extension AssemblyTests.Shelf {
    fileprivate init(images: [(String, [String])], wide: [(String, [String])]) throws {
        try self.init([:])
        for (name, dependencies) in images + wide {
            let one = try AssemblyTests.Shelf([name: dependencies])
            guard let image = one.images[name] else { continue }
            let id = try imageID(String(self.images.count + 1000))
            self.images[name] = StoredImage(
                id: id,
                names: image.names,
                layers: [LayerID(of: id)],
                size: 0,
                importTime: 0,
                manifest: image.manifest
            )
        }
    }
}
