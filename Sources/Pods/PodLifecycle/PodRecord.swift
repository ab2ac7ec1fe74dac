package import AppContainer
package import Linux

/// What can be said about a pod for a list or a status: a sample, true when it was taken.
package struct PodRecord: Sendable {
    /// The pod's name.
    package let uuid: PodUUID
    /// What it was doing.
    package let state: PodState
    /// When it was made.
    package let created: Time
    /// When it was started, if it was.
    package let started: Time?
    /// The supervisor's process id, while it runs.
    package let supervisor: Int32?
    /// What it consists of; nil until that is written.
    package let manifest: PodManifest?
    /// Its apps, in the manifest's order; empty if only the pod was asked for.
    package let apps: [AppRecord]
    /// Its networks, once there are any.
    package let networks: [NetworkRecord]
}

/// How much a record holds: what isn't printed isn't read, and a list of 1,000 pods takes half the time.
package enum RecordDetail: Sendable {
    /// Only what concerns the pod as a whole.
    case pod
    /// Also how far each app is.
    case apps
}

/// What can be said about one app of a pod.
package struct AppRecord: Sendable {
    /// How far an app is.
    package enum State: String, Sendable {
        case unknown
        case created
        case running
        case exited
    }

    /// The app as the pod manifest describes it.
    package let app: RuntimeApp
    /// How far it was.
    package let state: State
    /// When its main process was started.
    package let started: Time?
    /// When it ended.
    package let finished: Time?
    /// What it ended with; nil if it was killed together with its pod.
    package let exitCode: Int32?
}
