/// The names of the files in a pod's directory that others than their writer read.
package enum PodFile {
    /// The pod manifest.
    package static let manifest = "pod"
    /// The process id of the supervisor, decimal and a newline; its time is the start of the pod.
    package static let supervisor = "ppid"
    /// The absolute paths of the pod's control groups, one a line.
    package static let cgroups = "subcgroup"
    /// The networks of the pod, a JSON array.
    package static let networks = "net-info.json"
    /// The directory of the apps' logs, one directory an app.
    package static let logs = "logs"
    /// Where the supervisor tells how far it is.
    package static let supervisorPlace = "stage1/rootfs/rkt"
    /// A link that appears when all apps have been started.
    package static let ready = "\(supervisorPlace)/supervisor-status"
    /// The directory with one file per app once it has started and one once it has ended.
    package static let status = "\(supervisorPlace)/status"

    /// The exit status of an app, decimal and a newline; its time is the end of the app.
    package static func status(of app: String) -> String { "\(status)/\(app)" }

    /// The process id of an app's main process on the host; its time is the start of the app.
    package static func started(_ app: String) -> String { "\(status)/\(app)-started" }
}
