import Foundation
import TestSupport
import Testing

/// Everything that drives the built programs; one test after the other, and nothing is left behind.
@Suite(
    .serialized,
    .leavesNothing,
    .requiresRoot,
    .enabled(if: File.exists(Rkt.program), "needs the release programs: make build")
)
struct Functional {}

/// The appc image that most tests run.
let busybox = "example.com/busybox"

extension Rkt {
    /// An engine that has the appc image `example.com/busybox`.
    static func withBusybox() throws -> Rkt {
        try Rkt([SharedFiles.busyboxACI.get()])
    }

    /// Whether the store is as it was before its first image: also nothing half received lies in it.
    var hasEmptyStore: Bool {
        let images = ["layers", "blobs/sha256", "downloads", "index/names", "index/remotes"]
            .flatMap { scratch.list("data/images/\($0)") }
        let records = scratch.list("data/images/index").filter { $0.hasSuffix(".json") }
        return images.isEmpty && records.isEmpty && scratch.list("data/tmp").isEmpty
    }

    /// An engine that has an image like busybox with other members in its `app` section.
    static func with(
        app: [String: Any],
        name: String = busybox,
        exec: [String] = ["/bin/probe"]
    ) throws -> Rkt {
        let rkt = try Rkt()
        let aci = try ACI(name, exec: exec, app: app)
        try rkt.fetch(try aci.write(in: rkt.scratch))
        return rkt
    }

    /// Runs busybox's shell as a pod's only app.
    func shell(
        _ script: String,
        pod: [String] = [],
        app: [String] = [],
        environment: [String: String]? = nil
    ) throws -> Outcome {
        try self(
            ["run", "--net=none"] + pod + [busybox, "--exec=/bin/sh"] + app + ["--", "-c", script],
            environment: environment
        )
    }

    /// Runs the probe as a pod's only app.
    func probe(
        _ actions: [String],
        image: String = busybox,
        pod: [String] = [],
        app: [String] = [],
        environment: [String: String]? = nil
    ) throws -> Outcome {
        try self(
            ["run", "--net=none"] + pod + [image, "--exec=/bin/probe"] + app + ["--"] + actions,
            environment: environment
        )
    }
}

extension Outcome {
    /// The lines `key=value` of the output.
    var facts: [String: String] { pairs(output) }
}
