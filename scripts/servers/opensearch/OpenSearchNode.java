import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.opensearch.analysis.common.CommonAnalysisPlugin;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.index.reindex.ReindexPlugin;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.painless.PainlessPlugin;
import org.opensearch.plugins.Plugin;
import org.opensearch.transport.Netty4Plugin;

/**
 * One node of OpenSearch for tests, from its jars alone: {@code java -cp 'lib/*' OpenSearchNode.java <port> <folder>}. It has
 * neither passwords nor TLS and listens on the loopback address only.
 */
public class OpenSearchNode extends Node {
	private static final List<Class<? extends Plugin>> PLUGINS =
		List.of(Netty4Plugin.class, CommonAnalysisPlugin.class, PainlessPlugin.class, ReindexPlugin.class);

	private OpenSearchNode(Environment environment) {
		super(environment, PLUGINS, false);
	}

	public static void main(String[] args) throws Exception {
		Settings settings = Settings.builder()
			.put("path.home", args[1])
			.put("path.data", args[1] + "/data")
			.put("path.logs", args[1] + "/logs")
			.put("cluster.name", "zjmall-tests")
			.put("node.name", "node-1")
			.put("discovery.type", "single-node")
			.put("network.host", "127.0.0.1")
			.put("http.port", args[0])
			.put("transport.port", "0")
			.put("transport.type", "netty4")
			.put("http.type", "netty4")
			.put("node.store.allow_mmap", false)
			// On a full disk the node would make its indexes read-only.
			.put("cluster.routing.allocation.disk.threshold_enabled", false)
			.build();
		Path configuration = Path.of(args[1], "config");
		Environment environment =
			InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), configuration, () -> "node-1");
		Node node = new OpenSearchNode(environment);
		Runtime.getRuntime().addShutdownHook(new Thread(() -> {
			try {
				node.close();
			} catch (Exception e) {
				e.printStackTrace();
			}
		}));
		node.start();
		// The threads of a node don't keep the process alive.
		new CountDownLatch(1).await();
	}
}
