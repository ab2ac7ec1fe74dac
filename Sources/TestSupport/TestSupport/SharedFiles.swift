import Foundation
import Synchronization

/// Directories that all tests of a process share; removed when the suite that starts pods ends.
package enum SharedFiles {
    private static let directories = Mutex<[Scratch]>([])

    /// Makes a directory that lives until `removeAll()`.
    package static func makeDirectory() throws -> Scratch {
        let scratch = try Scratch()
        directories.withLock { $0.append(scratch) }
        return scratch
    }

    private static let debian = Mutex<Rkt?>(nil)

    /// An engine that has the Debian image of `Scripts/debian-image`; importing it takes seconds.
    package static func debianEngine() throws -> Rkt {
        try debian.withLock { engine in
            if let engine { return engine }
            let new = try Rkt(["oci:\(Machine.debianLayout ?? ""):debian"])
            engine = new
            return new
        }
    }

    /// Removes all of them.
    package static func removeAll() {
        debian.withLock { $0 = nil }
        directories.withLock { $0 = [] }
    }

    /// A file with the ACI `example.com/busybox:1.0.0`: busybox and the probe.
    package static let busyboxACI = Result { try ACI().write(in: makeDirectory()) }

    /// An OCI layout with busybox and the probe, as `oci:DIR:latest`.
    package static let busyboxOCI = Result { try OCIImage().write(in: makeDirectory()) }
}
