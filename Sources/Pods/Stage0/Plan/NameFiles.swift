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
            case .image: Bind(source: "hosts", target: "/etc/hosts", isFallback: true)
            case .host: Bind(source: "/etc/hosts", target: "/etc/hosts", isDemanded: true)
            case .entries: Bind(source: "hosts", target: "/etc/hosts", isDemanded: true)
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

    /// The files of the pod directory and their contents.
    func files(hostname: String) -> [(name: String, text: String)] {
        var files = [(name: "hostname", text: hostname + "\n")]
        switch options.hosts {
        case .image: files.append(("hosts", HostsFile.text(hostname: hostname)))
        case .host: break
        case .entries(let entries):
            files.append(("hosts", HostsFile.text(hostname: hostname, entries: entries)))
        }
        if case .servers(let resolver) = options.dns {
            files.append(("resolv.conf", resolver.text))
        }
        return files
    }
}
