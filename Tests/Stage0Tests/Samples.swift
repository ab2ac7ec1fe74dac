import AppContainer
import ImageStorage
import JSON
import References
import Stage1ABI
import Testing

@testable import Cgroups
@testable import Stage0

/// Images and pods that tests begin with.
enum Samples {
    static let digits = String(repeating: "ab", count: 32)

    /// An ACI called `example.com/app:1` with the given `app`.
    static func aci(
        _ app: String? = #"{"exec":["/bin/app"],"user":"0","group":"0"}"#
    ) throws
        -> StoredImage
    {
        let member = app.map { #","app":\#($0)"# } ?? ""
        let manifest = """
            {"acKind":"ImageManifest","acVersion":"0.8.11","name":"example.com/app"\(member)}
            """
        return try image("sha512-", "example.com/app:1", manifest)
    }

    /// An OCI image called `docker.io/library/app:1` with the given execution parameters.
    static func oci(_ config: String = #"{"Cmd":["app"]}"#) throws -> StoredImage {
        let manifest = """
            {"architecture":"amd64","os":"linux","config":\(config),
             "rootfs":{"type":"layers","diff_ids":["sha256:\(digits)"]}}
            """
        return try image("sha256-", "docker.io/library/app:1", manifest)
    }

    private static func image(
        _ algorithm: String,
        _ name: String,
        _ manifest: String
    ) throws -> StoredImage {
        let id = try #require(ImageID(algorithm + digits))
        return StoredImage(
            id: id,
            names: [try LabelledName(name)],
            layers: [try #require(LayerID("sha256-" + digits))],
            size: 1,
            importTime: 1,
            manifest: try JSON.parse(manifest)
        )
    }

    /// The manifest of a pod with one app.
    static func manifest(
        _ image: StoredImage,
        _ change: (inout AppOptions) throws -> Void = { _ in },
        pod: PodOptions = PodOptions()
    ) throws -> PodManifest {
        var app = AppOptions(image: "typed")
        try change(&app)
        return try PodManifest(apps: [app], images: [image], options: pod)
    }

    /// The plan of a pod whose apps have one layer each.
    static func plan(
        _ manifest: PodManifest,
        host: HostFacts = HostFacts(),
        options: StartOptions = StartOptions(),
        cgroup: PodCgroup = PodCgroup()
    ) throws -> PlannedPod {
        let run = PodRun(
            uuid: "11111111-2222-4333-8444-555555555555",
            manifest: manifest,
            roots: manifest.apps.map { _ in .layers(["bottom", "top"]) },
            host: host,
            options: options
        )
        return try run.plan(
            cgroup: cgroup,
            descriptors: PodPlan.Descriptors(lock: 3, podDirectory: 3, program: 4)
        )
    }
}
