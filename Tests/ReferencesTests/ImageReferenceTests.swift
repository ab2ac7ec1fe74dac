import OCI
import References
import TestSupport
import Testing

struct ImageReferenceTests {
    private func reference(
        _ text: String,
        files: [String] = [],
        directories: [String] = []
    ) throws -> ImageReference {
        try ImageReference(text) { path in
            files.contains(path) ? .file : directories.contains(path) ? .directory : .missing
        }
    }

    @Test(arguments: [
        ("sha512-ab", "sha512-ab"), ("sha256-abcd", "sha256-abcd"), ("/x/y", "/x/y"),
        ("./x", "./x"), ("x.aci", "x.aci"),
        ("../x", "../x"), ("example.com/app", "example.com/app"),
        ("example.com/app:v1", "example.com/app:v1"),
        ("app:v1,os=linux,arch=amd64", "app:v1,arch=amd64,os=linux"), ("app,version=2", "app:2"),
        ("file:///x.aci", "/x.aci"), ("https://x/y.aci?z", "https://x/y.aci?z"),
        ("docker://busybox", "docker://docker.io/library/busybox:latest"),
        ("docker:quay.io/a/b:1", "docker://quay.io/a/b:1"), ("oci:dir", "oci:dir"),
        ("oci:dir:tag", "oci:dir:tag"),
        ("oci:a:b/c", "oci:a:b/c"), ("oci:./a/b:tag", "oci:./a/b:tag"),
        ("oci-archive:a.tar:1.0", "oci-archive:a.tar:1.0"),
        ("docker-archive:/x.tar", "docker-archive:/x.tar"),
    ])
    func kindIsToldByTheText(text: String, description: String) throws {
        #expect(try reference(text).description == description)
    }

    /// appc has no colon in names: the port says where the host is asked, and the image's name goes without it.
    @Test(arguments: [
        ("localhost:5000/app:v1", "localhost/app:v1", "localhost:5000/app:v1"),
        ("example.com:8443/a/b", "example.com/a/b", "example.com:8443/a/b:latest"),
        ("[::1]:5000/app", "0__1/app", "[::1]:5000/app:latest"),
        ("[2001:DB8:0::5]/app:2,arch=arm", "2001_db8__5/app:2,arch=arm", "[2001:db8::5]/app:2"),
    ])
    func aPortIsNoPartOfTheName(text: String, name: String, registryImage: String) throws {
        guard case .hosted(let hosted) = try reference(text) else {
            Issue.record("\(text) has a host of its own")
            return
        }
        #expect(hosted.name.description == name)
        #expect(hosted.registryImage?.description == registryImage)
        #expect(try reference(hosted.description) == .hosted(hosted))
    }

    @Test(arguments: [
        "localhost:0/app", "localhost:65536/app", "[::1/app", "[1.2.3.4]:80/app", "[::1]:x/app",
        "[::g]/app", "[::1]x/app", "a_b:80/app", "localhost:80/App", "localhost:80/",
        "docker://[::1/app", "docker://[1.2.3.4]/app", "docker://localhost:+80/app",
    ])
    func aHostMustBeOne(text: String) {
        #expect(throws: ReferenceError.self) { try reference(text) }
    }

    @Test func whatIsNoPortIsAVersion() throws {
        for text in ["localhost:v1", "localhost:5000", "a/b:1/2", "app:v1/x"] {
            guard case .appc = try reference(text) else {
                Issue.record("\(text) is a name with a version")
                continue
            }
        }
    }

    @Test
    func existingFileWinsOverAName() throws {
        #expect(try reference("app", files: ["app"]) == .file("app"))
        #expect(try reference("app", directories: ["app"]).description == "app")
        guard case .appc = try reference("app", directories: ["app"]) else {
            Issue.record("a directory is no image")
            return
        }
    }

    @Test
    func tagIsWhatFollowsTheLastColon() throws {
        #expect(try reference("oci:/a:b/c:t") == .ociLayout("/a:b/c", tag: "t"))
        #expect(try reference("oci:/a:b/c") == .ociLayout("/a:b/c", tag: nil))
        #expect(try reference("oci:/a:") == .ociLayout("/a", tag: nil))
    }

    @Test
    func existingPathTellsWhereTheTagBegins() throws {
        #expect(
            try reference("docker-archive:x.tar:docker.io/library/busybox:1.36", files: ["x.tar"])
                == .dockerArchive("x.tar", tag: "docker.io/library/busybox:1.36")
        )
        #expect(try reference("oci:a:b", directories: ["a:b"]) == .ociLayout("a:b", tag: nil))
    }

    @Test(arguments: [
        "", "sha512-", "sha512-a", "sha512-xyz", "app:", "app:1:2", "App", "app,x", "app,x=1,x=2",
        "app,name=y", "a b",
        "http://x/y", "file://x.aci", "file:///x", "ftp://x/y", "docker://",
        "docker://user:pw@host/x", "docker://A",
        "docker://-x", "docker://a//b", "docker://a..b", "docker://a:b:c",
        "docker://x:\(String(repeating: "t", count: 129))",
        "docker://x@sha256:ab", "docker://x@md5:ab", "docker://host:99999/x", "docker://a.b/",
        "oci:", "oci::tag",
        "docker://x\n", "-x", "--insecure",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(throws: ReferenceError.self) { try reference(text) }
    }

    @Test
    func mutatedReferencesDoNotTrap() {
        var random = SeededGenerator(seed: 6)
        let seeds = [
            "docker://quay.io:443/a/b-c:1.0@sha256:ab", "app:v1,os=linux", "oci:./a:b:c",
            "sha512-abcdef", "[2001:db8::1]:5000/a/b:v1,os=linux",
        ]
        for seed in seeds {
            for _ in 0..<3000 {
                let text = String(
                    decoding: mutated(Array(seed.utf8), using: &random),
                    as: UTF8.self
                )
                guard let found = try? reference(text) else { continue }
                #expect(!found.description.isEmpty)
            }
        }
    }
}
