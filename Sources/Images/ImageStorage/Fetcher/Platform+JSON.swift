internal import JSON
internal import OCI

extension Platform {
    var json: JSON {
        .object([
            .init("os", .string(operatingSystem)), .init("architecture", .string(architecture)),
            .init("variant", .string(variant)),
        ])
    }

    init?(_ json: JSON) {
        guard let system = json["os"]?.string, let architecture = json["architecture"]?.string,
            let variant = json["variant"]?.string
        else { return nil }
        self.init(operatingSystem: system, architecture: architecture, variant: variant)
    }
}
