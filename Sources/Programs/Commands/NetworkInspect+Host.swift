internal import JSON
internal import PodNetworking

extension NetworkInspectCommand {
    /// What this host does with packets of a network's pods.
    struct HostFacts {
        /// Nil for who may not look.
        private let obstacles: [FirewallObstacle]?
        private let legacyTables: [String]
        private let settings: [HostSetting]

        /// Nil for a network of which nothing is known before it is there.
        init?(_ entry: NetworkCatalog.Entry, _ context: Context) {
            guard let interfaces = PodInterfaces(of: entry) else { return nil }
            let host = NetworkHost.current()
            obstacles = try? HostFirewall().obstacles(to: interfaces, interfaces.ways, on: host)
            legacyTables = HostFirewall.legacyTables
            let dependsOnSettings = entry.builtIn?.reach == .everywhere
            settings = dependsOnSettings ? host.settings(dataDirectory: context.dataDirectory) : []
        }

        var lines: [String] {
            settings.map { "\($0.name)=\($0.value)\($0.remark)" } + firewall
                + (legacyTables.isEmpty
                    ? [] : ["legacy-tables=\(legacyTables.joined(separator: ","))"])
        }

        private var firewall: [String] {
            guard let obstacles else { return ["firewall=unknown (only root can look)"] }
            if obstacles.isEmpty { return ["firewall=not in the way"] }
            return obstacles.flatMap { obstacle in
                let ways = obstacle.ways.map(\.rawValue).joined(separator: ",")
                return ["firewall=\(obstacle.name) blocks \(ways)"]
                    + obstacle.commands.map { "accept=\($0)" }
            }
        }

        var json: JSON {
            [
                "settings": .array(settings.map(\.json)),
                "firewall": obstacles.map { .array($0.map(\.json)) } ?? .null,
                "legacyTables": .array(legacyTables.map(JSON.string)),
            ]
        }
    }
}

extension HostSetting {
    fileprivate var remark: String {
        if let coming { return " (a pod's start sets \(coming))" }
        return isSetByRkt ? " (set by rkt)" : ""
    }

    fileprivate var json: JSON {
        [
            "name": .string(name),
            "value": .string(value),
            "coming": coming.map(JSON.string) ?? .null,
            "setByRkt": .bool(isSetByRkt),
        ]
    }
}

extension FirewallObstacle {
    fileprivate var json: JSON {
        [
            "family": .string(place.family),
            "table": .string(place.table),
            "chain": .string(place.chain),
            "program": .string(owner.rawValue),
            "blocks": .array(ways.map { .string($0.rawValue) }),
            "commands": .array(commands.map(JSON.string)),
        ]
    }
}
