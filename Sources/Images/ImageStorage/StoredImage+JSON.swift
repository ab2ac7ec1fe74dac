internal import AppContainer
package import JSON
internal import OpenPGP
internal import References
package import Trust

// The record of an image, `images/index/ID.json`. It holds the manifest itself, so that all that `run` needs to know
// about an image is one file.

extension StoredImage {
    /// The record as JSON.
    var record: JSON {
        var members: [JSON.Member] = [
            .init("recordVersion", 1),
            .init("id", .string(id.description)),
            .init("names", .array(names.map(\.json))),
            .init("layers", .array(layers.map { .string($0.description) })),
            .init("size", .integer(Int64(clamping: size))),
            .init("importTime", .integer(importTime)),
            .init("blobs", .array(blobs.map { .string($0) })),
            .init("manifest", manifest),
        ]
        if let warrant { members.append(.init("warrant", warrant.json)) }
        if !signatures.isEmpty {
            members.append(.init("signatures", .array(signatures.map(\.json))))
        }
        return .object(members)
    }

    /// Reads a record of the store.
    init(record cursor: JSONCursor) throws(JSONError) {
        _ = try cursor.required("recordVersion").integer(in: 1...1)
        var layers: [LayerID] = []
        for element in try cursor.elements("layers") {
            guard let layer = LayerID(try element.string()) else {
                throw element.invalid("bad layer")
            }
            layers.append(layer)
        }
        let warrant = try cursor.optional("warrant").flatMap { Warrant(json: $0.value) }
        var signatures: [ImageSignature] = []
        if let noted = try cursor.optional("signatures") {
            signatures = try noted.elements().compactMap { ImageSignature(json: $0.value) }
        } else if case .signed(let only) = warrant {
            signatures = [only]
        }
        self.init(
            id: try cursor.required("id").imageID(),
            names: try cursor.elements("names").map { name throws(JSONError) in
                try LabelledName(at: name)
            },
            layers: layers,
            size: UInt64(try cursor.required("size").integer(in: 0...Int64.max)),
            importTime: try cursor.required("importTime").integer(in: 0...Int64.max),
            manifest: try cursor.required("manifest").value,
            blobs: try cursor.elements("blobs").map { blob throws(JSONError) in try blob.string() },
            warrant: warrant,
            signatures: signatures
        )
    }
}

extension Warrant {
    var json: JSON {
        switch self {
        case .signed(let signature): signature.json
        case .exempt(let exemption): .object([.init("exemption", .string(exemption.rawValue))])
        }
    }

    /// Reads it back; nil for one of a later version.
    init?(json: JSON) {
        if let exemption = json["exemption"]?.string.flatMap(Exemption.init(rawValue:)) {
            self = .exempt(exemption)
        } else if let signature = ImageSignature(json: json) {
            self = .signed(signature)
        } else {
            return nil
        }
    }
}

extension ImageSignature {
    /// The signature as records and lists have it.
    package var json: JSON {
        var members: [JSON.Member] = []
        switch key {
        case .openPGP(let signer):
            members.append(.init("signedBy", .string(signer.key.digits)))
            members.append(.init("identity", .string(signer.identity)))
        case .policy(let file, let fingerprint):
            members.append(.init("signedByKey", .string(file)))
            if let fingerprint { members.append(.init("fingerprint", .string(fingerprint))) }
        }
        if let name { members.append(.init("name", .string(name))) }
        return .object(members)
    }

    /// Reads it back; nil for one of a later version.
    ///
    /// Records of earlier ones have neither name nor fingerprint.
    init?(json: JSON) {
        let name = json["name"]?.string
        if let key = json["signedBy"]?.string.flatMap({ Fingerprint($0) }) {
            let signer = Signer(key: key, identity: json["identity"]?.string ?? "")
            self.init(by: .openPGP(signer), as: name)
        } else if let file = json["signedByKey"]?.string {
            let fingerprint = json["fingerprint"]?.string
            self.init(by: .policy(file: file, fingerprint: fingerprint), as: name)
        } else {
            return nil
        }
    }
}

extension LabelledName {
    var json: JSON {
        .object([
            .init("name", .string(name.text)), .init("labels", .array(labels.map(\.json))),
        ])
    }

    init(at cursor: JSONCursor) throws(JSONError) {
        let name = try cursor.required("name")
        guard let identifier = try? ACIdentifier(try name.string()) else {
            throw name.invalid("bad name")
        }
        self.init(
            identifier,
            labels: try cursor.elements("labels").map { label throws(JSONError) in
                try Label(at: label)
            }
        )
    }

    /// The name without labels as one file name: `+` stands for `/`, as no name has it.
    var fileName: String {
        name.text.split(separator: "/", omittingEmptySubsequences: false).joined(separator: "+")
            + ".json"
    }
}

extension JSONCursor {
    func imageID() throws(JSONError) -> ImageID {
        guard let id = ImageID(try string()) else { throw invalid("bad image ID") }
        return id
    }
}
