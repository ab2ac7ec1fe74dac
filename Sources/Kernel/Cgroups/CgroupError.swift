package import Linux

/// Why a pod's cgroup can't be made, found or removed.
package enum CgroupError: Error, Equatable, CustomStringConvertible {
    case read(String, Errno)
    case makeDirectory(String, Errno)
    case write(file: String, value: String, Errno)
    case devicePolicy(String, Errno)
    case noDeviceController
    case foreignDirectory(String)
    case kill(String, Errno)
    case remove(String, Errno)
    /// The caller could not write down where the cgroups will be.
    case record(Errno)

    package var description: String {
        switch self {
        case .read(let path, let error):
            "cannot read \"\(path)\": \(error)"
        case .makeDirectory(let path, let error):
            "cannot make the cgroup \"\(path)\": \(error)"
        case .write(let file, let value, let error):
            "cannot write \"\(value)\" to \"\(file)\": \(error)"
        case .devicePolicy(let path, let error):
            "cannot restrict the devices of the cgroup \"\(path)\": \(error) (\(Self.unrestricted))"
        case .noDeviceController:
            "no cgroup hierarchy can restrict devices here (\(Self.unrestricted))"
        case .foreignDirectory(let path):
            "\"\(path)\" is not the cgroup of a pod"
        case .kill(let path, let error):
            "cannot kill the processes of the cgroup \"\(path)\": \(error)"
        case .remove(let path, let error):
            "cannot remove the cgroup \"\(path)\": \(error)"
        case .record(let error):
            "cannot note the pod's cgroups: \(error)"
        }
    }

    /// Whether something that should be there wasn't.
    var meansAbsence: Bool {
        switch self {
        case .read(_, let error), .makeDirectory(_, let error), .write(_, _, let error),
            .devicePolicy(_, let error), .kill(_, let error), .remove(_, let error):
            error == .noSuchFile
        case .noDeviceController, .foreignDirectory, .record:
            false
        }
    }

    private static let unrestricted =
        "--insecure-options=paths runs the pod without that protection"
}
