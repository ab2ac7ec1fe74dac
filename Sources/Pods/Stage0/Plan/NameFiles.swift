/// The files by which apps know names: who they are, who others are and whom to ask.
///
/// They are files of the pod directory, bound over the image's, so a link of the image at their place leads no
/// write of ours anywhere (R1).
struct NameFiles {
    /// A file and where apps see it.
    struct Bind: Equatable {
        let source: String
        let target: String
        /// The image's own file goes first.
        var isFallback = false
        /// The operator asked for it: the pod doesn't start without.
        var isDemanded = false
    }

    private let options: StartOptions

    init(_ options: StartOptions) { self.options = options }

    /// What apps see.
    var binds: [Bind] {
        let hosts: Bind =
            switch options.hosts {
            case .image: Bind(source: Self.hosts, target: "/etc/hosts", isFallback: true)
            case .host: Bind(source: "/etc/hosts", target: "/etc/hosts", isDemanded: true)
            case .entries: Bind(source: Self.hosts, target: "/etc/hosts", isDemanded: true)
            }
        let resolver: [Bind] =
            switch options.dns {
            case .network, .image: []
            case .host:
                [Bind(source: "/etc/resolv.conf", target: "/etc/resolv.conf", isDemanded: true)]
            case .servers:
                [Bind(source: "resolv.conf", target: "/etc/resolv.conf", isDemanded: true)]
            }
        return [Bind(source: "hostname", target: "/etc/hostname"), hosts] + resolver
    }

    /// The file of the pod directory by which apps know others.
    static let hosts = "hosts"

    private var entries: [HostsEntry] {
        if case .entries(let entries) = options.hosts { entries } else { [] }
    }

    /// The lines of flags in it.
    var hostsLines: [String] { HostsFile.lines(entries) }

    /// The files of the pod directory and their contents, for a pod that knows nobody else.
    func files(hostname: String, addresses: [String]) -> [(name: String, text: String)] {
        let hosts = HostsFile.text(hostname: hostname, addresses: addresses, entries: entries)
        var files = [(name: "hostname", text: hostname + "\n"), (Self.hosts, hosts)]
        if case .servers(let resolver) = options.dns {
            files.append(("resolv.conf", resolver.text))
        }
        return files
    }
}
