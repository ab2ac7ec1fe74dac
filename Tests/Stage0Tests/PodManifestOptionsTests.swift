import AppContainer
import Testing

@testable import Stage0

/// How an image and what follows it on the command line become an app.
@Suite struct PodManifestOptionsTests {
    @Test func argumentsFollowTheImagesOwn() throws {
        let image = try Samples.aci(#"{"exec":["/a","b"],"user":"0","group":"0"}"#)
        let added = try Samples.manifest(image) { $0.arguments = ["c"] }
        #expect(added.apps[0].app?.exec == ["/a", "b", "c"])
        let replaced = try Samples.manifest(image) {
            $0.program = "/x"
            $0.arguments = ["c"]
        }
        #expect(replaced.apps[0].app?.exec == ["/x", "c"])
    }

    @Test func anImageThatRunsNothingNeedsAProgram() throws {
        let image = try Samples.aci(nil)
        #expect(
            reason { _ = try Samples.manifest(image) }
                == "image \"typed\" has an empty \"exec\" (try --exec=BINARY)"
        )
        #expect(try Samples.manifest(image) { $0.program = "/x" }.apps[0].app?.exec == ["/x"])
    }

    @Test func appsAreCalledAfterTheirImages() throws {
        #expect(try Samples.manifest(Samples.aci()).apps[0].name.text == "app")
        #expect(try Samples.manifest(Samples.oci()).apps[0].name.text == "app")
        let named = try Samples.manifest(Samples.aci()) { $0.name = try ACName("other") }
        #expect(named.apps[0].name.text == "other")
    }

    @Test func twoAppsOfOneNameAreRefused() throws {
        let image = try Samples.aci()
        let app = AppOptions(image: "typed")
        #expect(
            reason {
                _ = try PodManifest(
                    apps: [app, app],
                    images: [image, image],
                    options: PodOptions()
                )
            }.hasPrefix("multiple apps with name app")
        )
    }

    @Test func theAppsOwnVariablesWinOverThePodsAndThoseOverTheImages() throws {
        let image = try Samples.aci(
            """
            {"exec":["/a"],"user":"0","group":"0","environment":[
             {"name":"A","value":"image"},{"name":"B","value":"image"},{"name":"C","value":"image"}]}
            """
        )
        var pod = PodOptions()
        pod.inheritedEnvironment = try variables("A=caller", "D=caller")
        pod.environment = try variables("B=pod", "C=pod")
        let manifest = try Samples.manifest(
            image,
            { $0.environment = try variables("C=app") },
            pod: pod
        )
        let entries = manifest.apps[0].app?.environment.map { "\($0.name)=\($0.value)" }
        #expect(entries == ["A=image", "D=caller", "B=pod", "C=app"])
    }

    @Test func flagsReplaceIsolatorsOfTheirKind() throws {
        let image = try Samples.aci(
            """
            {"exec":["/a"],"user":"0","group":"0","isolators":[
             {"name":"resource/memory","value":{"limit":"1G"}},
             {"name":"os/linux/capabilities-remove-set","value":{"set":["CAP_KILL"]}},
             {"name":"os/linux/no-new-privileges","value":true}]}
            """
        )
        let manifest = try Samples.manifest(image) {
            $0.isolators = [
                try .memory(flag: "64Mi"), try .capabilitiesRetain(flag: "CAP_CHOWN"),
            ]
        }
        #expect(
            manifest.apps[0].app?.isolators == [
                .noNewPrivileges(true), try .memory(flag: "64Mi"),
                .capabilitiesRetain(["CAP_CHOWN"]),
            ]
        )
    }

    @Test func anAppsMountWinsOverThePodsAtTheSamePlace() throws {
        var pod = PodOptions()
        pod.volumes = [try Volume(flag: "a,kind=empty"), try Volume(flag: "b,kind=empty")]
        pod.mounts = [
            try Mount(flag: "volume=a,target=/x"), try Mount(flag: "volume=a,target=/y"),
        ]
        let manifest = try Samples.manifest(
            Samples.aci(),
            { $0.mounts = [try Mount(flag: "volume=b,target=x/")] },
            pod: pod
        )
        #expect(manifest.apps[0].mounts.map(\.volume.text) == ["a", "b"])
        #expect(manifest.apps[0].mounts.map(\.path) == ["/y", "x/"])
    }

    @Test func volumesAreNamedOnceAndMountsNameThem() throws {
        var pod = PodOptions()
        pod.volumes = [try Volume(flag: "a,kind=empty"), try Volume(flag: "a,kind=empty")]
        #expect(
            reason { _ = try Samples.manifest(Samples.aci(), pod: pod) }
                == "duplicate volume name \"a\""
        )
        pod.volumes = []
        pod.mounts = [try Mount(flag: "volume=v,target=/p")]
        #expect(
            reason { _ = try Samples.manifest(Samples.aci(), pod: pod) }
                == "dangling mount point \"/p\": volume \"v\" not found"
        )
    }

    @Test func environmentFilesHaveCommentsAndNoDoubles() throws {
        let text = "# a\n; b\n\n  A=1\nB=x=y\n"
        let parsed = try AppEnvironment.parse(file: Array(text.utf8), path: "f")
        #expect(parsed == (try variables("A=1", "B=x=y")))
        for wrong in ["A\n", "=x\n", "A=1\nA=2\n"] {
            #expect(
                reason { _ = try AppEnvironment.parse(file: Array(wrong.utf8), path: "f") } != ""
            )
        }
    }

    private func variables(_ texts: String...) throws -> [EnvironmentVariable] {
        try texts.map { try #require(EnvironmentVariable(assignment: $0)) }
    }
}
