import OCI
import Testing

struct IndexTests {
    static let multiPlatform = index([
        ("1", "\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}"),
        ("2", "\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\",\"variant\":\"v8\"}"),
        ("3", "\"platform\":{\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"v6\"}"),
        ("4", "\"platform\":{\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"v7\"}"),
        ("5", "\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\",\"variant\":\"v3\"}"),
        ("6", "\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"}"),
        ("7", "\"platform\":{\"os\":\"windows\",\"architecture\":\"amd64\"}"),
    ])

    @Test(arguments: [
        ("amd64", "", "1"), ("arm64", "v8", "2"), ("arm64", "", "2"), ("arm", "v7", "4"),
        ("arm", "v6", "3"),
        ("arm", "", "4"),
    ])
    func bestPlatformIsChosen(architecture: String, variant: String, first: String) throws {
        let index = try Index(parsing: Array(Self.multiPlatform.utf8))
        let platform = Platform(
            operatingSystem: "linux",
            architecture: architecture,
            variant: variant
        )
        #expect(try index.choice(for: platform).digest.hex.hasPrefix(first))
    }

    @Test
    func absentPlatformIsNamedWithThoseThatAreThere() throws {
        let index = try Index(parsing: Array(Self.multiPlatform.utf8))
        let error = #expect(throws: OCIError.self) {
            try index.choice(for: Platform(operatingSystem: "linux", architecture: "riscv64"))
        }
        #expect(
            error?.description.hasPrefix("no image for linux/riscv64; there are \"linux/amd64\"")
                == true
        )
    }

    @Test
    func newerVariantIsTakenOnlyIfNothingElseIsThere() throws {
        let platform =
            "\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\",\"variant\":\"v2\"}"
        let index = try Index(parsing: Array(Self.index([("1", platform)]).utf8))
        let host = Platform(operatingSystem: "linux", architecture: "amd64")
        #expect(try index.choice(for: host).digest.hex.hasPrefix("1"))
    }

    @Test
    func layoutIsSearchedByTag() throws {
        let index = try Index(
            parsing: Array(Self.index([("1", tag("1.0")), ("2", tag("docker.io/x/y:2.0"))]).utf8)
        )
        #expect(try index.choice(tagged: "1.0", for: .host).digest.hex.hasPrefix("1"))
        #expect(try index.choice(tagged: "2.0", for: .host).digest.hex.hasPrefix("2"))
        #expect(try index.choice(tagged: "docker.io/x/y:2.0", for: .host).digest.hex.hasPrefix("2"))
        #expect(throws: OCIError.noTag("3.0", available: ["1.0", "docker.io/x/y:2.0"])) {
            try index.choice(tagged: "3.0", for: .host)
        }
        #expect(throws: OCIError.severalImages(tags: ["1.0", "docker.io/x/y:2.0"])) {
            try index.choice(tagged: nil, for: .host)
        }
    }

    @Test
    func onlyImageOfALayoutNeedsNoTag() throws {
        let index = try Index(parsing: Array(Self.index([("1", tag("1.0"))]).utf8))
        #expect(try index.choice(tagged: nil, for: .host).digest.hex.hasPrefix("1"))
        #expect(throws: OCIError.empty) {
            try Index(parsing: Array(Self.index([]).utf8)).choice(tagged: nil, for: .host)
        }
    }

    @Test(arguments: [
        #"{"schemaVersion":2,"manifests":[],"layers":[]}"#,
        #"{"schemaVersion":2,"manifests":[],"config":{}}"#,
        #"{"schemaVersion":2,"manifests":{}}"#, #"{"schemaVersion":2}"#,
        #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","manifests":[]}"#,
    ])
    func wrongIndexIsRefused(text: String) {
        #expect(throws: OCIError.self) { try Index(parsing: Array(text.utf8)) }
    }

    private func tag(_ name: String) -> String {
        "\"annotations\":{\"org.opencontainers.image.ref.name\":\"\(name)\"}"
    }

    private static func index(_ entries: [(digit: String, members: String)]) -> String {
        let list = entries.map { entry in
            let hex = String(repeating: entry.digit, count: 64)
            return "{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
                + "\"digest\":\"sha256:\(hex)\",\"size\":1,\(entry.members)}"
        }
        return "{\"schemaVersion\":2,\"manifests\":[\(list.joined(separator: ","))]}"
    }
}
