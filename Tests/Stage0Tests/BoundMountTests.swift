import AppContainer
import Testing

@testable import Stage0

/// Which volume is mounted where (rkt's binding rules).
@Suite struct BoundMountTests {
    private let app = """
        {"exec":["/a"],"user":"0","group":"0","mountPoints":[
         {"name":"data","path":"/data"},{"name":"logs","path":"/var/log","readOnly":true}]}
        """

    private func mounts(
        _ flags: [String],
        _ volumes: [String],
        app: String? = nil
    ) throws
        -> [BoundMount]
    {
        var pod = PodOptions()
        pod.volumes = try volumes.map { try Volume(flag: $0) }
        pod.mounts = try flags.map { try Mount(flag: $0) }
        let manifest = try Samples.manifest(Samples.aci(app ?? self.app), pod: pod)
        return try manifest.apps[0].boundMounts(volumes: manifest.volumes)
    }

    @Test func aMountPointTakesTheVolumeOfItsName() throws {
        let found = try mounts([], ["data,kind=host,source=/x", "logs,kind=empty"])
        #expect(found.map(\.path) == ["/data", "/var/log"])
        #expect(found.map(\.isReadOnly) == [false, true])
        #expect(found.allSatisfy { !$0.isImplicit })
    }

    @Test func aMountComesBeforeTheMountPointAtItsPlace() throws {
        let found = try mounts(
            ["volume=other,target=/data/"],
            ["data,kind=empty", "other,kind=empty", "logs,kind=empty"]
        )
        #expect(found.map(\.volume.name.text) == ["other", "logs"])
    }

    @Test func theVolumesWordOnWritingWins() throws {
        let found = try mounts(
            [],
            ["data,kind=empty,readOnly=true", "logs,kind=empty,readOnly=false"]
        )
        #expect(found.map(\.isReadOnly) == [true, false])
    }

    @Test func whatNobodyGivesIsEmptyAndSaidSo() throws {
        let manifest = try Samples.manifest(Samples.aci(app))
        let found = try manifest.apps[0].boundMounts(volumes: [])
        #expect(found.map(\.volume.name.text) == ["app-data", "app-logs"])
        #expect(found.map(\.isImplicit) == [true, true])
        #expect(manifest.implicitVolumeWarnings().count == 2)
    }

    @Test func parentsAreMountedBeforeWhatLiesInThem() throws {
        let found = try mounts(
            ["volume=v,target=/data/deep/er", "volume=v,target=/data/deep"],
            ["v,kind=empty", "data,kind=empty", "logs,kind=empty"]
        )
        #expect(found.map(\.path) == ["/data", "/data/deep", "/var/log", "/data/deep/er"])
    }

    @Test(arguments: ["/", "/proc", "/proc/sys", "/x/../proc", "//", "/.."])
    func nothingCoversTheRootOrProc(target: String) {
        #expect(
            reason { _ = try mounts(["volume=v,target=\(target)"], ["v,kind=empty"]) }
                .contains("a volume can't be mounted at")
        )
    }

    @Test func targetsAreCleanPathsFromTheRoot() {
        let paths = ["a": "/a", "/a/./b//c/": "/a/b/c", "../../a": "/a", "/a/b/../c": "/a/c"]
        for (text, clean) in paths { #expect(RootPath(text).text == clean) }
        #expect(RootPath("/dev/x").isWithin(any: "/dev"))
        #expect(!RootPath("/device").isWithin(any: "/dev"))
    }
}
