internal import CStage1Plan

extension PlanStep {
    /// The steps that mount something.
    func writeMount(to writer: inout PlanWriter) {
        switch self {
        case .overlayRoot(let target, let lowers, let upper, let work, let attributes):
            writer.record(plan_overlay) {
                $0.string(target)
                $0.integer(attributes.rawValue)
                $0.string(upper ?? "")
                $0.string(work ?? "")
                $0.strings(lowers)
            }
        case .bindRoot(let target, let source, let attributes):
            writer.record(plan_bind_root) {
                $0.string(target)
                $0.string(source)
                $0.integer(attributes.rawValue)
            }
        case .mount(let type, let target, let mode, let attributes, let options, let isOptional):
            writer.record(plan_mount) {
                $0.string(type)
                $0.string(target)
                $0.integer(mode)
                $0.integer(attributes.rawValue)
                $0.flag(isOptional)
                $0.pairs(options)
            }
        case .mountOnHostPath(let type, let target, let attributes, let options):
            writer.record(plan_mount_host) {
                $0.string(type)
                $0.string(target)
                $0.integer(attributes.rawValue)
                $0.pairs(options)
            }
        case .bind(let source, let target, let attributes, let flags):
            writeBind(plan_bind, source, target, attributes, flags, to: &writer)
        case .bindInside(let source, let target, let attributes, let flags):
            writeBind(plan_bind_inside, source, target, attributes, flags, to: &writer)
        default:
            break
        }
    }

    private func writeBind(
        _ kind: plan_kind,
        _ source: String,
        _ target: String,
        _ attributes: MountAttributes,
        _ flags: BindFlags,
        to writer: inout PlanWriter
    ) {
        writer.record(kind) {
            $0.string(source)
            $0.string(target)
            $0.integer(attributes.rawValue)
            $0.integer(flags.rawValue)
        }
    }
}
