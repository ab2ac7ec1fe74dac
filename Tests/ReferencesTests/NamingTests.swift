import AppContainer
import OCI
import References
import Testing

struct NamingTests {
    @Test(arguments: [
        ("busybox", "docker.io/library/busybox:latest", "registry-1.docker.io"),
        ("a/b:1", "docker.io/a/b:1", "registry-1.docker.io"),
        ("index.docker.io/busybox", "docker.io/library/busybox:latest", "registry-1.docker.io"),
        ("localhost/x", "localhost/x:latest", "localhost"),
        ("localhost:5000/x/y:2", "localhost:5000/x/y:2", "localhost:5000"),
        ("[0:0::1]:5000/x", "[::1]:5000/x:latest", "[::1]:5000"),
        ("Quay.io/a__b/c-d.e", "Quay.io/a__b/c-d.e:latest", "Quay.io"),
        (
            "x@sha256:\(String(repeating: "0", count: 64))",
            "docker.io/library/x@sha256:\(String(repeating: "0", count: 64))",
            "registry-1.docker.io"
        ),
    ])
    func dockerDefaultsAreFilledIn(text: String, description: String, host: String) throws {
        let reference = try DockerReference(text)
        #expect(reference.description == description)
        #expect(reference.host == host)
    }

    @Test
    func registryImageHasARepositoryForNameAndATagForVersion() throws {
        let name = LabelledName(try DockerReference("localhost:5000/x/Y".lowercased() + ":1"))
        #expect(name.displayName == "localhost_5000/x/y:1")
        #expect(name.appName?.text == "y")
    }

    @Test
    func nameIsFoundByEveryLabelItHas() throws {
        let stored = try LabelledName("example.com/app:1,os=linux,arch=amd64")
        #expect(try LabelledName("example.com/app").matches(stored))
        #expect(try LabelledName("example.com/app,arch=amd64").matches(stored))
        #expect(try !LabelledName("example.com/app:2").matches(stored))
        #expect(try !LabelledName("example.com/app,x=").matches(stored))
    }

    @Test(
        arguments: [
            ("/x/My App.tar", nil, "my_app"), ("/x/dir", "1.0", "dir:1.0"),
            ("dir/", "latest", "dir:latest"),
            ("/x/y", "docker.io/library/busybox:1.36", "docker.io/library/busybox:1.36"),
            ("/x/y", "busybox:1.36", "docker.io/library/busybox:1.36"),
        ] as [(String, String?, String)]
    )
    func imageFromDiskIsNamedForItsReferenceOrPath(
        path: String,
        reference: String?,
        name: String
    ) throws {
        #expect(try LabelledName(path: path, referenceName: reference).displayName == name)
    }

    @Test
    func archiveIsSearchedByNameOrTag() throws {
        let archive = try DockerArchive(
            parsing: Array(
                #"[{"Config":"a","RepoTags":["busybox:1.36","x/y:2"],"Layers":[]},{"Config":"b","RepoTags":["z:2"],"Layers":[]}]"#
                    .utf8
            )
        )
        for tag in ["busybox:1.36", "docker.io/library/busybox:1.36", "1.36"] {
            let choice = try archive.choice(tagged: tag)
            #expect(choice.image.configuration == "a")
            #expect(choice.name?.displayName == "docker.io/library/busybox:1.36")
        }
        for tag in [nil, "2", "3", ""] {
            #expect(throws: ReferenceError.self) { try archive.choice(tagged: tag) }
        }
    }
}
