package import Addresses
package import CNI
internal import JSON

extension NetworkCatalog {
    /// The network of a name.
    package subscript(_ name: String) -> Entry? { entries.first { $0.name == name } }
}

extension NetworkCatalog.Entry {
    /// The plugins that make it, in their order; none for a built-in network.
    package var plugins: [String] { file?.configuration.plugins.map(\.type) ?? [] }

    /// The subnets that its pods get addresses of, as far as its description tells.
    package var subnets: [IPPrefix] {
        file?.configuration.subnets ?? builtIn.map { [$0.subnet] } ?? []
    }

    /// The built-in network, if it is one.
    package var builtIn: BuiltInNetwork? {
        file == nil ? BuiltInNetwork.all.first { $0.name == name } : nil
    }
}

extension NetworkConfiguration {
    /// The subnets and addresses of the description's `ipam` members.
    package var subnets: [IPPrefix] {
        let plugins = document["plugins"]?.array ?? [document]
        return plugins.compactMap { $0["ipam"] }.flatMap { ipam in
            let ranges = (ipam["ranges"]?.array ?? []).flatMap { $0.array ?? [] }
            let texts =
                ([ipam] + ranges).compactMap { $0["subnet"]?.string }
                + (ipam["addresses"]?.array ?? []).compactMap { $0["address"]?.string }
            return texts.compactMap { IPPrefix($0)?.network }
        }
    }

    /// The bridges of the host that its plugins make.
    package var bridges: [String] {
        (document["plugins"]?.array ?? [document])
            .filter { $0["type"]?.string == "bridge" }
            .map { $0["bridge"]?.string ?? "cni0" }
    }
}
