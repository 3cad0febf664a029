import de.bwaldvogel.mongo.MongoBackend;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import java.util.List;
import org.h2.mvstore.MVStore;

/**
 * mongo-java-server, an independent server of MongoDB's wire protocol, for development and tests:
 * {@code java -cp 'lib/*' MongoWireServer.java <port> [file]}. In memory; with a file, what was answered is on disk.
 */
public class MongoWireServer {
	public static void main(String[] args) {
		int port = Integer.parseInt(args[0]);
		MongoBackend backend = args.length > 1 ? new DurableBackend(args[1]) : new IsolatedBackend();
		MongoServer server = new MongoServer(backend.version(new Version44()));
		Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
		server.bind("127.0.0.1", port);
		System.out.println("mongo-java-server listens on mongodb://127.0.0.1:" + port);
	}

	/** The lowest that the official driver 7 talks to; the server itself would name an older one, and be refused. */
	private static class Version44 implements MongoVersion {
		public int getWireVersion() {
			return 9;
		}

		public List<Integer> getVersionArray() {
			return List.of(4, 4, 0);
		}
	}

	/**
	 * The server answers with its own documents and writes them out when no lock is held any more: one that is being changed
	 * meanwhile would go out half old, half new, or break the connection. So each message is handled alone and its answer copied.
	 */
	private static class IsolatedBackend extends MemoryBackend {
		@Override
		public synchronized Document handleMessage(MongoMessage message) {
			return super.handleMessage(message).cloneDeeply();
		}
	}

	/** Commits before it answers: the backend by itself would commit once a second, and lose that much at a kill -9. */
	private static class DurableBackend extends H2Backend {
		DurableBackend(String file) {
			super(new MVStore.Builder().fileName(file).autoCommitDisabled().open());
		}

		@Override
		public Document handleMessage(MongoMessage message) {
			Document answer;
			synchronized (this) {
				answer = super.handleMessage(message).cloneDeeply();
			}
			// Others may be handled in between: then one commit does for all.
			synchronized (this) {
				if (getMvStore().hasUnsavedChanges()) commit();
			}
			return answer;
		}
	}
}
