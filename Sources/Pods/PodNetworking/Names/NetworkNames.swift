package import Linux
package import PodLifecycle
package import Stage1ABI

/// The files by which pods of the same networks find each other by name, in the data directory.
///
/// One file is the `hosts(5)` of all pods on a network. A pod on several networks must know the names of all of them and
/// tell each only its own: so there is one file for each set of networks that some pod is on. A pod whose file begins with
/// lines of its own has one to itself. A pod that joins or leaves writes its rows into every file that has one of its networks;
/// with plain pods that is one file and one row an address, however many pods there are.
///
/// Pods have the files mounted as links in their directories, read-only, so files are never replaced. A row belongs to the pod that it
/// names for as long as that runs; what a killed pod leaves is struck out by gc, or by the next pod in whose way it is.
package struct NetworkNames: ~Copyable {
    /// The directory of the files, in the data directory.
    package static let directory = "names"
    private static let fromPod = "../../../\(directory)"

    private let directory: Directory
    private let isRunning: (PodUUID) -> Bool
    /// The names of a data directory, locked until this goes away.
    package init(
        in data: borrowing Directory,
        isRunning: @escaping (PodUUID) -> Bool
    ) throws(NetworkError) {
        self.isRunning = isRunning
        directory = try step("open the names of networks") { () throws(Errno) in
            let directory = try data.makingDirectories(Self.directory, mode: 0o700)
            try directory.descriptor.lock(.exclusive)
            return directory
        }
    }

    /// What became of a pod's names.
    package struct Joined {
        /// The pod that has the host name already, and keeps it for as long as it runs.
        package let holder: PodUUID?
        /// The networks whose pods it doesn't know, because one file can't be for that many.
        package let unknownNetworks: [String]
        /// What takes the names back when the pod has ended, before its addresses are anybody else's.
        package let endSteps: [EndStep]
    }

    private static func endSteps(
        _ uuid: PodUUID,
        _ audience: NameAudience,
        link: String
    ) -> [EndStep] {
        let rows = EndStep.strike(
            hostDirectory: fromPod,
            text: uuid.description,
            offset: NameRow.uuidOffset,
            length: NameRow.length
        )
        let own = audience.owner == nil ? [] : ["\(fromPod)/\(audience.fileName)"]
        return [rows] + (own + [link]).map { .remove(hostFile: $0) }
    }

    /// Makes a pod known on its networks, and its file, as a link in its directory.
    ///
    /// - Parameter lines: what nobody else's file begins with.
    package func join(
        _ pod: NamedPod,
        lines: [String],
        linking name: String,
        in directory: borrowing Directory
    ) throws(NetworkError) -> Joined {
        try step("write the names of networks") { () throws(Errno) in
            var audiences = try self.directory.entries().map(\.name).compactMap(NameAudience.init)
            let (running, gone) = try holders(of: pod)
            // Whatever others call by its name, the pod itself is the first that it finds.
            let lines = lines + (running == nil ? [] : pod.ownLines)
            let audience = NameAudience(pod.networks, of: lines.isEmpty ? nil : pod.uuid)
            for network in pod.networks where !audiences.contains(NameAudience([network])) {
                audiences.append(NameAudience([network]))
            }
            if !audiences.contains(audience) {
                try make(audience, lines)
                audiences.append(audience)
            }
            for audience in audiences where !audience.networks.isDisjoint(with: pod.networks) {
                var file = try NamesFile(audience.fileName, in: self.directory)
                for uuid in gone { try file.strike(uuid) }
                for row in pod.rows(for: audience, isListed: running == nil) { try file.add(row) }
            }
            guard let own = RawName(Array(audience.fileName.utf8)),
                let link = RawName(Array(name.utf8))
            else { throw .invalidArgument }
            try self.directory.link(own, to: directory, as: link)
            return Joined(
                holder: running,
                unknownNetworks: pod.networks.subtracting(audience.networks).sorted(),
                endSteps: Self.endSteps(pod.uuid, audience, link: name)
            )
        }
    }

    /// A file for an audience that nobody was in yet: it has the rows of each of its networks.
    private func make(_ audience: NameAudience, _ lines: [String]) throws(Errno) {
        var file = try NamesFile(
            audience.fileName,
            head: NamesHead.text(lines),
            in: directory
        )
        for network in audience.networks.sorted() {
            for row in try NamesFile(NameAudience([network]).fileName, in: directory).rows {
                try file.add(row)
            }
        }
    }

    /// The pods that have a name or an address of this one: one that runs, and those that don't any more.
    ///
    /// Makes the files of the pod's networks where they are missing.
    private func holders(
        of pod: NamedPod
    ) throws(Errno) -> (running: PodUUID?, gone: [PodUUID]) {
        var holders: [PodUUID] = []
        for network in pod.networks {
            let audience = NameAudience([network])
            let file = try NamesFile(audience.fileName, head: NamesHead.text(), in: directory)
            let others = file.holders(of: pod.rows(for: audience, isListed: true))
            holders += others.filter { $0 != pod.uuid && !holders.contains($0) }
        }
        return (holders.first(where: isRunning), holders.filter { !isRunning($0) })
    }

    /// Takes a pod's names back.
    package func leave(_ uuid: PodUUID) throws(NetworkError) {
        try step("take back the names of a pod") { () throws(Errno) in
            for entry in try directory.entries() {
                var file = try NamesFile(entry.name, in: directory)
                try file.strike(uuid)
            }
        }
    }

    /// Takes back the names of pods that don't run any more, and removes files that no pod has.
    package func collect() throws(NetworkError) {
        try step("collect the names of networks") { () throws(Errno) in
            var known: [PodUUID: Bool] = [:]
            for entry in try directory.entries() {
                var file = try NamesFile(entry.name, in: directory)
                for uuid in Set(file.rows.map(\.uuid)) {
                    let isAlive = known[uuid] ?? isRunning(uuid)
                    known[uuid] = isAlive
                    if !isAlive { try file.strike(uuid) }
                }
                // The other names are the links of the pods' directories.
                if file.rows.isEmpty || NameAudience(entry.name)?.owner != nil,
                    try directory.status(of: entry.name).links == 1
                {
                    try directory.remove(entry.name)
                }
            }
        }
    }
}
