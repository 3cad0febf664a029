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
 * {@code java -cp 'lib/*' MongoWireServer.java <port> [file]}. In memory, or in a file that has every acknowledged write.
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

	/** The oldest version that driver 7 accepts; the server itself would report an older one, which the driver refuses. */
	private static class Version44 implements MongoVersion {
		public int getWireVersion() {
			return 9;
		}

		public List<Integer> getVersionArray() {
			return List.of(4, 4, 0);
		}
	}

	/**
	 * Handles one message at a time and copies each answer. The server answers with its own documents and serializes them after
	 * its locks are released: a document changed meanwhile would be sent half old, half new, or break the connection.
	 */
	private static class IsolatedBackend extends MemoryBackend {
		@Override
		public synchronized Document handleMessage(MongoMessage message) {
			return super.handleMessage(message).cloneDeeply();
		}
	}

	/** Commits before each answer: the backend by itself commits once a second, and kill -9 would lose that second. */
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
			// Other messages may have been handled meanwhile: their changes go into the same commit.
			synchronized (this) {
				if (getMvStore().hasUnsavedChanges()) commit();
			}
			return answer;
		}
	}
}
